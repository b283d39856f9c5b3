package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
)

// The ports handed out lie below the range from which operating systems take the local ports of outgoing connections
// (32768 and up on Linux, 49152 and up elsewhere). From inside that range a client that redials a killed server can be
// given the server's own port, connect to itself, and keep the server from ever starting again.
const (
	lowestPort  = 20000
	highestPort = 32000
)

func printFreePorts(count string) error {
	n, err := number(count)
	if err != nil || n > 100 {
		return fmt.Errorf("%q ports can't be asked for; ask for 1 to 100", count)
	}
	// All are held until all are found, so that none is found twice.
	for try := 0; n > 0; try++ {
		if try == 10_000 {
			return fmt.Errorf("no free port was found between %d and %d; end some of the programs that listen there", lowestPort, highestPort)
		}
		port := lowestPort + rand.IntN(highestPort-lowestPort)
		l, err := bind(port)
		if err != nil {
			continue
		}
		defer l.Close()
		fmt.Println(port)
		n--
	}
	return nil
}

func requireFree(ports []string) error {
	var all error
	for _, text := range ports {
		port, err := number(text)
		if err == nil {
			var l net.Listener
			if l, err = bind(port); err == nil {
				l.Close()
				continue
			}
			err = fmt.Errorf("port %d is taken by another program: %w", port, err)
		}
		all = errors.Join(all, err)
	}
	return all
}

func bind(port int) (net.Listener, error) {
	return net.Listen("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
}
