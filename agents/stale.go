package agents

import (
	"context"

	"github.com/modelcontextprotocol/go-sdk/auth"

	ledgeragents "gatehouse/ledger/agents"
)

// deniedStale is by what a token is refused that is over or revoked.
const deniedStale = "stale_token"

// stale refuses a token that Gatehouse does not know, and writes down whose it was if it did once: somebody has kept it.
func (s *server) stale(ctx context.Context, raw string) error {
	name, once, err := s.Ledger.Agents().Ended(ctx, raw)
	if err == nil && once {
		err = s.Ledger.Agents().Stale(ctx, ledgeragents.Call{Agent: name, Tool: deniedStale, DeniedBy: deniedStale, Policy: s.Policy().Hash()})
	}
	if err != nil {
		return err
	}
	return auth.ErrInvalidToken
}
