"""The sections of the plan file, as an operator writes them; `planfile` puts them together."""
