"""The daemon's HTTP side: health, metrics, the API. Knows HTTP; asks for what it shows through `Window`."""
