package config

import (
	"slices"
	"strings"
)

// BrokerServices says which roles this node plays, and with how many brokers.
type BrokerServices struct {
	Roles     []string
	AppServer AppServer
	Admin     Admin
	Segundo   Segundo
	Tercero   Tercero
}

// AppServer counts the brokers that answer clients' requests.
type AppServer struct{ RBroker, WBroker, MBroker int }

// Admin counts the brokers that run the installation itself.
type Admin struct {
	AdminBrokerIn, AdminBrokerOut                        int
	AdminLogsBroker, AdminSyslogBroker, AdminGraphBroker int
}

// Segundo counts the brokers of the warehouse.
type Segundo struct{ WHBroker, CBroker int }

// Tercero counts the brokers of users and sessions.
type Tercero struct{ UBroker, SBroker int }

// An Instance is one broker of an enabled role with its count.
type Instance struct {
	Role, Broker string
	Count        int
}

// HasRole reports whether this node plays the role.
func (b *BrokerServices) HasRole(role string) bool { return slices.Contains(b.Roles, role) }

// Instances lists the brokers to start, in the order of the key table. Brokers
// of roles that this node doesn't play, and those counted 0, are left out.
func (c *Config) Instances() []Instance {
	var out []Instance
	for i := range table {
		role, broker, ok := instanceKey(table[i].Name)
		if !ok || !c.BrokerServices.HasRole(role) {
			continue
		}
		if n := *table[i].at(c).(*int); n > 0 {
			out = append(out, Instance{Role: role, Broker: broker, Count: n})
		}
	}
	return out
}

// instanceKey splits broker_services.ROLE.instances.BROKER.
func instanceKey(name string) (role, broker string, ok bool) {
	rest, ok := strings.CutPrefix(name, "broker_services.")
	if !ok {
		return "", "", false
	}
	return strings.Cut(rest, ".instances.")
}
