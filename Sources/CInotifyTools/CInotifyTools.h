// The door to libinotifytools (Debian: libinotifytools0-dev). Only the module Inbox comes through it.
#include <stddef.h>
#include <inotifytools/inotify.h>
#include <inotifytools/inotifytools.h>
