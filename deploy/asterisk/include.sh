#!/bin/sh
# Prints the dialplan of asterisk-conf/extensions.conf in a form that an existing Asterisk or FreePBX can include:
# without [general] and [globals], and with names that take nothing from what is there:
#   from-trunk  -> siaga112-trunk   FreePBX has a from-trunk of its own; the 112 trunk is given this context instead
#   from-agents -> siaga112-codes   to be included where the phones dial; only *11 to *19, so that *97 and others stay
#
#   deploy/asterisk/include.sh > /etc/asterisk/siaga112-extensions.conf
set -eu
cd "$(dirname "$0")/../.."
echo "; Written by deploy/asterisk/include.sh from asterisk-conf/extensions.conf; write it anew after an update."
sed -n '/^\[from-trunk\]/,$p' asterisk-conf/extensions.conf |
    sed -e 's/^\[from-trunk\]/[siaga112-trunk]/' -e 's/^\[from-agents\]/[siaga112-codes]/' -e 's/^exten => _\*XX,/exten => _*1X,/'
