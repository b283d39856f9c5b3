package peer

import (
	"context"
	"log/slog"

	"github.com/beds-project/beds/runtime/pool"
	"github.com/beds-project/beds/runtime/session"
)

// ownPool is the broker pool of a BEDS node with nothing but the echo behind it: what is between it and raw-own is the
// price of the pool's promises, what is between it and a node that of the envelope and the factory.
func ownPool(ctx context.Context, o Options, h Handler) error {
	topology := session.Topology{Exchange: o.Name, DLX: o.Name + ".dlx"}
	var brokers []pool.Broker
	for _, kind := range kinds {
		queue := Queue(o.Name, kind)
		topology.Queues = append(topology.Queues, session.Queue{Name: queue, Keys: []string{"rel." + kind}})
		brokers = append(brokers, pool.Broker{Name: kind, Queues: []string{queue}, Instances: 2, Prefetch: 64,
			Handler: func(ctx context.Context, d *pool.Delivery) pool.Result {
				return pool.Result{Reply: h(ctx, kind, d.Body)}
			}})
	}
	p, err := pool.New(pool.Config{Session: session.Config{URLs: []string{o.URL}, Name: o.Name, Logger: slog.New(slog.DiscardHandler)},
		Topology: topology, NodeID: o.Name, Logger: slog.New(slog.DiscardHandler)}, brokers)
	if err != nil {
		return err
	}
	return p.Run(ctx)
}
