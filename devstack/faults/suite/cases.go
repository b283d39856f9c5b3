package suite

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"
)

// Cases are all faults, each alone.
func Cases() []Fault {
	return slices.Concat(processes(), links(), brokers(), operators(), databases(), dba(), messages(), hostile(), nodes(), clocks())
}

// Pick chooses cases: by name (a prefix or several, with commas), or the short form,
// or all.
func Pick(only string, short bool) []Fault {
	var chosen []Fault
	for _, f := range Cases() {
		switch {
		case only != "" && !matches(f.Name, only):
		case only == "" && short && !f.Short:
		default:
			chosen = append(chosen, f)
		}
	}
	return chosen
}

func matches(name, only string) bool {
	for _, prefix := range strings.Split(only, ",") {
		if prefix != "" && strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// Mix is a case that breaks several things at a time, chosen by the seed.
func Mix(seed uint64, duration time.Duration) Fault {
	rng := rand.New(rand.NewPCG(seed, 2))
	var able []Fault
	for _, f := range Cases() {
		if f.Mixes {
			able = append(able, f)
		}
	}
	return Fault{Name: fmt.Sprintf("mix-%d", seed), Doc: "faults at random, up to two at a time", Run: func(ctx context.Context, e *Env) error {
		return mix(ctx, e, rng, able, duration)
	}}
}

// lanes keep two faults of one kind from undoing each other: a lane does one at a time.
const lanes = 2

func mix(ctx context.Context, e *Env, rng *rand.Rand, able []Fault, duration time.Duration) error {
	until := time.Now().Add(duration)
	rng.Shuffle(len(able), func(i, j int) { able[i], able[j] = able[j], able[i] })
	var mu sync.Mutex
	var names []string
	var first error
	var all sync.WaitGroup
	for lane := range lanes {
		all.Go(func() {
			for i := lane; time.Now().Before(until) && ctx.Err() == nil; i += lanes {
				f := able[i%len(able)]
				if i >= len(able) && i%len(able) < lanes {
					i++ // the lanes meet other partners in the next round
				}
				err := f.perform(ctx, e)
				mu.Lock()
				names = append(names, f.Name)
				if first == nil && err != nil {
					first = fmt.Errorf("%s: %w", f.Name, err)
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	e.Note("%s", strings.Join(names, ", "))
	return first
}
