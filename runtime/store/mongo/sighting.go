package mongo

import (
	"sync"
	"time"
)

// maxSightings bounds the locks that a node remembers to have met. Forgetting them all
// only lets the locks of dead holders last for one lease more.
const maxSightings = 4096

// sightings remember when this node first met another's lock in its present form.
type sightings struct {
	mu    sync.Mutex
	locks map[string]sighting
}

// sighting is one holder's lock with its present term.
type sighting struct {
	owner string
	until int64
	since time.Time // never part of a comparison of two sightings
}

// outlived says whether the lock has been there, unchanged, for all of its term.
func (s *sightings) outlived(name string, seen sighting, term time.Duration) bool {
	if term <= 0 {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	was, met := s.locks[name]
	if met && was.owner == seen.owner && was.until == seen.until {
		return time.Since(was.since) >= term
	}
	if s.locks == nil || !met && len(s.locks) >= maxSightings {
		s.locks = map[string]sighting{}
	}
	seen.since = time.Now()
	s.locks[name] = seen
	return false
}

func (s *sightings) forget(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.locks, name)
}
