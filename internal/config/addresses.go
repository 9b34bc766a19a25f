package config

import (
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// ledgerSchemes are those of the databases that a ledger can be kept in.
var ledgerSchemes = []string{"sqlite", "postgres", "postgresql"}

// ledger checks where the ledger is kept. Nothing of the URL is quoted: it may hold a password.
func (p *problems) ledger(name, value string) {
	const advice = "a file name, or a postgres:// URL"
	p.text(name, value, advice)
	scheme, rest, named := strings.Cut(value, "://")
	if !named {
		return
	}
	switch u, err := url.Parse(value); {
	case !slices.Contains(ledgerSchemes, scheme):
		p.add("%s has a scheme in which no ledger is kept: write %s", name, advice)
	case rest == "":
		p.add("%s says nothing behind its scheme: write %s", name, advice)
	case err == nil && u.Port() != "" && !portExists(u.Port()):
		p.add("%s has a port that there is not: write one from 1 to 65535", name)
	}
}

// listen checks an address to listen on. Port 0 is any that is free.
func (p *problems) listen(name, value string) {
	_, port, err := net.SplitHostPort(value)
	if err != nil {
		p.add("%s is not host:port: write 127.0.0.1:8480", name)
		return
	}
	if port != "0" && !portExists(port) {
		p.add("%s has a port that there is not: write one from 1 to 65535", name)
	}
}

func portExists(port string) bool {
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && n > 0
}
