package step

import (
	"context"
	"fmt"

	"gatehouse/activities/api"
	"gatehouse/connectors/target"
	"gatehouse/identity"
)

// Capability returns what a system can be asked for. A system that is not configured, or cannot do it, is a question for a
// person.
func Capability[T any](systems map[string]target.System, ref identity.Ref, doing string) (T, error) {
	var able T
	s, known := systems[ref.System]
	if !known {
		return able, NonRetryable(api.ErrInvalid, fmt.Sprintf("%s: no system of this name is configured: add its section to gatehouse.yaml, then retry", ref.System))
	}
	able, ok := s.(T)
	if !ok {
		return able, NonRetryable(api.ErrInvalid, fmt.Sprintf("%s: Gatehouse cannot %s there: do that by hand for account %s, then skip this step", ref.System, doing, ref.ID))
	}
	return able, nil
}

// Existing reads an account that may be gone. One "not found" is no proof: it is asked twice.
func Existing(ctx context.Context, s target.System, in target.ReadRequest) (a target.Account, there bool, err error) {
	a, err = s.Read(ctx, in)
	if IsNotFound(err) {
		a, err = s.Read(ctx, in)
	}
	if IsNotFound(err) {
		return target.Account{}, false, nil
	}
	return a, err == nil, err
}
