package cmdline

import (
	"fmt"
	"net"
)

// LoopbackOnly keeps a listener closed to the network until somebody opens it on purpose.
func LoopbackOnly(setting, address string, public bool) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("%s: %w", setting, err)
	}
	if ip := net.ParseIP(host); public || host == "localhost" || (ip != nil && ip.IsLoopback()) {
		return nil
	}
	if setting != "gateway.listen" && setting != "agents.listen" {
		return fmt.Errorf("%s is %s, which others can reach: choose an address of this machine alone, such as 127.0.0.1:8234", setting, address)
	}
	return fmt.Errorf("%s is %s, which others can reach: put a TLS proxy in front and pass --public", setting, address)
}
