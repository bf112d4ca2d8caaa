# Asterisk 22 as Debian packages it. Debian 12 and 13 have none, so this is sid; its configuration is mounted (compose.yaml).
FROM debian:sid-slim
# The daemon removes recordings when their time is over and blanks callers in the fallback's journal. Both folders are of its
# group (see Dockerfile), what is made in them inherits that, and the umask below lets the group write.
# sid's list may be past its date on a mirror that lags.
RUN apt-get -o Acquire::Check-Valid-Until=false update \
    && apt-get install -y --no-install-recommends asterisk asterisk-modules \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* \
    && groupadd --system --gid 10112 siaga112 \
    && chgrp siaga112 /var/spool/asterisk \
    && install -d -o asterisk -g siaga112 -m 2770 /var/log/asterisk/cel-custom /var/spool/asterisk/monitor \
    && install -d -o asterisk -g asterisk -m 750 /run/asterisk \
    && install -d /usr/share/asterisk/sounds /usr/share/asterisk/moh
VOLUME /var/lib/asterisk /var/log/asterisk /var/spool/asterisk
USER asterisk:asterisk
# Asterisk ends every call at SIGTERM; to let them end first: `docker exec … asterisk -rx 'core stop gracefully'`.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=4s --start-period=15s --retries=3 CMD ["asterisk", "-rx", "core waitfullybooted"]
CMD ["sh", "-c", "umask 002 && exec asterisk -f -n"]
