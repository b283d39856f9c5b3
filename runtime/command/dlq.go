package command

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/beds-project/beds/runtime/node"
	"github.com/beds-project/beds/runtime/pool"
)

// runDLQ lists, shows, replays and purges the dead letters of a work queue.
func (a *App) runDLQ(ctx context.Context, args []string) error {
	var sel pool.Selector
	var ids string
	a.flags.BoolVar(&sel.All, "all", false, "replay or purge: every dead letter")
	a.flags.StringVar(&sel.Code, "code", "", "replay or purge: those given up with this `code`")
	a.flags.StringVar(&ids, "id", "", "replay or purge: those with these message `ids`, separated by commas")
	a.flags.IntVar(&sel.Limit, "limit", 0, "at most so many; 0 is no limit, 100 for list")
	rest, err := a.parse(args, 2, 3)
	if err != nil {
		return err
	}
	if ids != "" {
		sel.MessageIDs = strings.Split(ids, ",")
	}
	cfg, err := a.load()
	if err != nil {
		return err
	}
	sc, err := node.SessionConfig(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	queue := strings.TrimSuffix(rest[1], ".dlq")
	if !strings.HasPrefix(queue, cfg.AMQP.QueueTag) {
		queue = cfg.AMQP.QueueTag + queue
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	letters := pool.DeadLetters{Session: sc, Queue: queue}
	switch verb := rest[0]; {
	case verb == "list" && len(rest) == 2:
		return a.listLetters(ctx, letters, sel.Limit)
	case verb == "show" && len(rest) == 3:
		return a.showLetter(ctx, letters, rest[2])
	case slices.Contains([]string{"replay", "purge"}, verb) && len(rest) == 2:
		return a.moveLetters(ctx, letters, verb, sel)
	}
	return usageError{fmt.Sprintf("usage: %s dlq list QUEUE | show QUEUE ID | replay QUEUE -all|-code C|-id ID | purge QUEUE -all|-code C|-id ID", a.name)}
}

func (a *App) listLetters(ctx context.Context, q pool.DeadLetters, limit int) error {
	if limit == 0 {
		limit = 100
	}
	letters, total, err := q.List(ctx, limit)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(a.stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tCODE\tTEMPLATE\tOP\tATTEMPTS\tLAST\tREASON")
	for _, l := range letters {
		fmt.Fprintf(w, "%q\t%s\t%s\t%q\t%d\t%s\t%q\n", l.MessageID, l.Code, l.Template, l.Operation, l.Attempts, l.Last.Format(time.RFC3339), l.Reason)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.stdout, "%d of %d dead letters of %s\n", len(letters), total, q.Queue)
	return err
}

func (a *App) showLetter(ctx context.Context, q pool.DeadLetters, id string) error {
	l, err := q.Show(ctx, id)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.stdout, "id        %q\nqueue     %s\nkey       %q\nop        %q\nuser      %q\ntemplate  %s\ncode      %s\nreason    %q\nstack     %s\nnode      %s\nattempts  %d\nfirst     %s\nlast      %s\nbytes     %d\nbody      %q\n",
		l.MessageID, l.Queue, l.RoutingKey, l.Operation, l.UserID, l.Template, l.Code, l.Reason, l.StackHash, l.Node,
		l.Attempts, l.First.Format(time.RFC3339Nano), l.Last.Format(time.RFC3339Nano), l.Size, l.Body)
	return err
}

func (a *App) moveLetters(ctx context.Context, q pool.DeadLetters, verb string, sel pool.Selector) error {
	if !sel.All && sel.Code == "" && len(sel.MessageIDs) == 0 {
		return usageError{verb + " needs -all, -code or -id, so that nothing is moved by mistake"}
	}
	move := q.Replay
	if verb == "purge" {
		move = q.Purge
	}
	n, err := move(ctx, sel)
	fmt.Fprintf(a.stdout, "%s: %d dead letters of %s\n", verb, n, q.Queue)
	return err
}
