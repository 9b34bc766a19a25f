package decide

import (
	"context"
	"fmt"
	"time"

	"gatehouse/internal/app"
	"gatehouse/internal/launch"
	"gatehouse/starter/sign"
)

// sign finds the key that signs, where the policy asks for one. By is whose key it is; another name is refused.
func (d *decision) sign(ctx context.Context, a *app.App, named bool) error {
	if d.Verb == "" || d.keyFile == "" && !sign.DecidersNamed(ctx, a) {
		return nil
	}
	s, err := sign.Find(d.keyFile, time.Now())
	if err != nil {
		return err
	}
	if err := s.RefuseOther(d.By, named); err != nil {
		return err
	}
	d.By, d.signer = s.Address, s
	return nil
}

// prove signs the decision, which by now names its question. One that was given with --item is looked up for its kind.
func (d *decision) prove(ctx context.Context, l *launch.Launcher) error {
	if d.signer == nil {
		return nil
	}
	if d.Code == "" {
		state, err := l.Waiting(ctx, d.workflow)
		if err != nil {
			return fmt.Errorf("nothing was decided: %w", err)
		}
		for _, each := range state.Attention {
			if each.Item == d.Item {
				d.Code, d.two = each.Code, each.Two
			}
		}
		if d.Code == "" {
			return fmt.Errorf("item %s does not wait for a decision any more; nothing was decided", d.Item)
		}
	}
	d.Proof = d.signer.Decision(d.workflow, d.Decision)
	return nil
}
