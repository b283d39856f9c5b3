package ops

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"

	"github.com/beds-project/beds/runtime/logging"
)

// These tell systemd (Type=notify) how the node is. Where no systemd listens
// they do nothing and return nil.

// NotifyReady says that the node is subscribed and answers.
func NotifyReady() error { return notify(daemon.SdNotifyReady) }

// NotifyStopping says that the node drains.
func NotifyStopping() error { return notify(daemon.SdNotifyStopping) }

// NotifyStatus sets the line that `systemctl status` shows.
func NotifyStatus(text string) error {
	// A newline would begin another assignment.
	return notify("STATUS=" + strings.Map(printable, logging.Scrub(text)))
}

func printable(r rune) rune {
	if r < ' ' || r == 0x7f {
		return ' '
	}
	return r
}

func notify(state string) error {
	if _, err := daemon.SdNotify(false, state); err != nil {
		return fmt.Errorf("ops: systemd can't be told %s: %w", state, err)
	}
	return nil
}

// RunWatchdog tells systemd at half its WatchdogSec that the node is alive, as
// long as alive says so, until ctx ends; without a watchdog it returns at
// once. If alive fails or hangs systemd hears nothing and restarts the node.
func RunWatchdog(ctx context.Context, log *slog.Logger, alive func() error) error {
	interval, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		return fmt.Errorf("ops: WATCHDOG_USEC of systemd is unusable: %w", err)
	}
	if interval == 0 {
		return nil
	}
	tick := time.NewTicker(interval / 2)
	defer tick.Stop()
	for {
		beat(log, alive)
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func beat(log *slog.Logger, alive func() error) {
	if alive != nil {
		if err := alive(); err != nil {
			log.Error("watchdog not served, systemd will restart this node", "err", err)
			return
		}
	}
	if err := notify(daemon.SdNotifyWatchdog); err != nil {
		log.Warn("watchdog not served", "err", err)
	}
}
