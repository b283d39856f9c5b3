package main

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// printListening reads /proc: ss and lsof are not on every machine.
func printListening(pids []string) error {
	sockets := map[string]string{} // inode -> address
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		if err := listeningSockets(table, sockets); err != nil {
			return fmt.Errorf("the table of sockets can't be read (this works on Linux only): %w", err)
		}
	}
	var found []string
	for _, pid := range pids {
		if _, err := number(pid); err != nil {
			return err
		}
		links, err := filepath.Glob("/proc/" + pid + "/fd/*")
		if err != nil {
			return err
		}
		for _, link := range links {
			target, _ := os.Readlink(link) // a descriptor may close meanwhile
			inode := strings.TrimSuffix(strings.TrimPrefix(target, "socket:["), "]")
			if address, ok := sockets[inode]; ok {
				found = append(found, address)
			}
		}
	}
	slices.Sort(found)
	for _, address := range slices.Compact(found) {
		fmt.Println(address)
	}
	return nil
}

func listeningSockets(table string, into map[string]string) error {
	file, err := os.Open(table)
	if err != nil {
		return err
	}
	defer file.Close()
	const listening = "0A"
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 10 || fields[3] != listening {
			continue
		}
		into[fields[9]] = decodeAddress(fields[1])
	}
	return lines.Err()
}

// decodeAddress reads "0100007F:1F90": the address in 32-bit words of the machine's (little-endian) order.
func decodeAddress(text string) string {
	host, port, _ := strings.Cut(text, ":")
	ip, err := hex.DecodeString(host)
	if err != nil {
		return text
	}
	for word := range slices.Chunk(ip, 4) {
		slices.Reverse(word)
	}
	n, err := strconv.ParseUint(port, 16, 16)
	if err != nil {
		return text
	}
	return net.JoinHostPort(net.IP(ip).String(), strconv.FormatUint(n, 10))
}
