# Asterisk 22 as Debian packages it. Debian 12 and 13 have none, so this is sid; its configuration is mounted (compose.yaml).
FROM debian:sid-slim
# sid's list may be past its date on a mirror that lags.
RUN apt-get -o Acquire::Check-Valid-Until=false update \
    && apt-get install -y --no-install-recommends asterisk asterisk-modules \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* \
    && install -d -o asterisk -g asterisk -m 750 /var/log/asterisk/cel-custom /var/spool/asterisk/monitor /run/asterisk \
    && install -d /usr/share/asterisk/sounds /usr/share/asterisk/moh
VOLUME /var/lib/asterisk /var/log/asterisk /var/spool/asterisk
USER asterisk:asterisk
# Asterisk ends every call at SIGTERM; to let them end first: `docker exec … asterisk -rx 'core stop gracefully'`.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=4s --start-period=15s --retries=3 CMD ["asterisk", "-rx", "core waitfullybooted"]
CMD ["asterisk", "-f", "-n"]
