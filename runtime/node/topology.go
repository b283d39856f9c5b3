package node

import (
	"errors"
	"fmt"
	"slices"

	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/config"
	"github.com/beds-project/beds/runtime/pool"
	"github.com/beds-project/beds/runtime/session"
)

// brokerKinds are the data brokers that this build has, with the kind of queue
// that each consumes, by configuration key.
var brokerKinds = map[string]struct{ name, kind string }{
	"r_broker": {"rBroker", "read"},
	"w_broker": {"wBroker", "write"},
	"m_broker": {"mBroker", "obj"},
}

// logsBroker is the configuration key of the broker that stores log events.
const logsBroker = "admin_logs_broker"

var families = []runtime.Family{runtime.Rec, runtime.Rel}

// queuePlan is what a node declares and consumes.
type queuePlan struct {
	topology session.Topology
	brokers  []pool.Broker
}

// planQueues derives queues and brokers from the templates and the configuration.
// A shared queue takes "{family}.{kind}.#"; where a template has queues of its
// own, the shared queue is bound for each of the others instead, because a topic
// exchange would deliver the template's messages to both.
func planQueues(cfg *config.Config, registrations []runtime.Registration, handle func(kind string) pool.Handler, logs pool.Handler) (queuePlan, error) {
	p := queuePlan{topology: session.Topology{
		Exchange: cfg.AMQP.Exchange, DLX: cfg.AMQP.DLX, RetryDelays: cfg.AMQP.RetryDelays,
	}}
	for _, instance := range cfg.Instances() {
		if instance.Broker == logsBroker {
			q := session.Queue{Name: cfg.AMQP.QueueTag + "log", Keys: []string{"log"}}
			p.topology.Queues = append(p.topology.Queues, q)
			p.brokers = append(p.brokers, pool.Broker{Name: "adminLogsBroker", Queues: []string{q.Name},
				Instances: instance.Count, Prefetch: logsPrefetch, Handler: logs})
			continue
		}
		b, ok := brokerKinds[instance.Broker]
		if !ok {
			return p, fmt.Errorf("[broker_services.%s.instances] %s = %d: this build has no such broker; set it to 0", instance.Role, instance.Broker, instance.Count)
		}
		broker := pool.Broker{Name: b.name, Instances: instance.Count, Prefetch: cfg.AMQP.Prefetch, Handler: handle(b.kind)}
		for _, family := range families {
			for _, q := range familyQueues(cfg, registrations, family, b.kind) {
				p.topology.Queues = append(p.topology.Queues, q)
				broker.Queues = append(broker.Queues, q.Name)
			}
		}
		p.brokers = append(p.brokers, broker)
	}
	if len(p.brokers) == 0 {
		return p, errors.New("[broker_services] starts no broker: give the node a role and instances, such as roles = [\"app_server\"]")
	}
	return p, nil
}

func familyQueues(cfg *config.Config, registrations []runtime.Registration, family runtime.Family, kind string) []session.Queue {
	key := string(family) + "." + kind
	shared := session.Queue{Name: cfg.AMQP.QueueTag + key, Keys: []string{key}}
	var own []session.Queue
	for _, r := range registrations {
		if r.Template.Family != family {
			continue
		}
		k := key + "." + r.Template.Name
		if t := cfg.Templates[r.Template.Name]; t != nil && t.OwnQueues {
			own = append(own, session.Queue{Name: cfg.AMQP.QueueTag + k, Keys: []string{k}, Direct: []string{k}})
			shared.FormerDirect = append(shared.FormerDirect, k)
			continue
		}
		shared.Direct = append(shared.Direct, k)
	}
	slices.Sort(shared.Direct)
	if len(own) > 0 {
		shared.Former = shared.Keys
		shared.Keys = append(slices.Clone(shared.Direct), key+".node") // pings name no template
		slices.Sort(shared.Keys)
	}
	return append([]session.Queue{shared}, own...)
}

// storeQueues lists the queues that this node consumes and all of whose templates
// live in one store.
func storeQueues(cfg *config.Config, registrations []runtime.Registration, store string) []string {
	var names []string
	for _, instance := range cfg.Instances() {
		b, ok := brokerKinds[instance.Broker]
		if !ok {
			continue
		}
		for _, family := range families {
			for _, q := range familyQueues(cfg, registrations, family, b.kind) {
				if servedBy(cfg, registrations, family, q.Name, b.kind, store) {
					names = append(names, q.Name)
				}
			}
		}
	}
	return names
}

// servedBy reports whether all templates of a queue live in a store.
func servedBy(cfg *config.Config, registrations []runtime.Registration, family runtime.Family, queue, kind, store string) bool {
	some := false
	for _, r := range registrations {
		if r.Template.Family != family {
			continue
		}
		own := cfg.Templates[r.Template.Name]
		name := cfg.AMQP.QueueTag + string(family) + "." + kind
		if own != nil && own.OwnQueues {
			name += "." + r.Template.Name
		}
		if name != queue {
			continue
		}
		if adapter(cfg, r.Template) != store {
			return false
		}
		some = true
	}
	return some
}
