package systems

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"gatehouse/connectors"
	"gatehouse/connectors/target"
	"gatehouse/identity"
	policysystem "gatehouse/policy/system"
)

// optional are the attributes that no system demands of a new account.
var optional = []string{
	target.AttributeTitle, target.AttributeDepartment, target.AttributeCompany, target.AttributePhone, target.AttributeMobile,
	target.AttributeLocation, target.AttributeDisplayName,
}

// createWithout makes an account, and where the system refuses a value of its document, without one of the attributes that it does not
// demand, or without all of them. A system refuses a document whole and seldom says which value it means. Where none of that helps, the
// error is that of the whole document. Attempt is when an earlier attempt began, zero for none: each that follows here has one before it.
func (s *Systems) createWithout(ctx context.Context, creator target.Creator, whole target.CreateRequest, attempt *time.Time) (got target.CreateResponse, without []string, err error) {
	began := s.Clock()
	got, refused := creator.Create(ctx, whole)
	if !connectors.IsKind(refused, connectors.KindInvalid) {
		return got, nil, refused
	}
	if attempt.IsZero() {
		*attempt = began
	}
	for _, names := range leftOut(whole.Document) {
		less := whole
		for _, name := range names {
			*policysystem.FieldOf(&less.Document, name) = ""
		}
		if got, err = creator.Create(ctx, less); !connectors.IsKind(err, connectors.KindInvalid) {
			return got, names, err
		}
	}
	return got, nil, refused
}

// leftOut are the attributes to do without, in the order in which that is tried: each that a document has, then all of them.
func leftOut(d identity.Account) (tries [][]string) {
	var all []string
	for _, name := range optional {
		if *policysystem.FieldOf(&d, name) != "" {
			all, tries = append(all, name), append(tries, []string{name})
		}
	}
	if len(all) > 1 {
		tries = append(tries, all)
	}
	return tries
}

// lacks are the attributes that an account of an earlier attempt was made without.
func lacks(has, wanted identity.Account) (names []string) {
	for _, name := range optional {
		if *policysystem.FieldOf(&wanted, name) != "" && *policysystem.FieldOf(&has, name) == "" {
			names = append(names, name)
		}
	}
	return names
}

// madeBefore says the same of an account that an earlier attempt has put on record.
func (s *Systems) madeBefore(ctx context.Context, system, key string) ([]string, error) {
	result, _, done, err := s.Ledger.Journal().Completed(ctx, key)
	if err != nil || !done {
		return nil, err
	}
	var got made
	if err := json.Unmarshal(result, &got); err != nil {
		return nil, fmt.Errorf("read the stored result of %s: %w", key, err)
	}
	return madeWithout(system, got.Without), nil
}

// madeWithout says what an account was made without. What has an owner in the policy is written by its own step, which finds out what of
// several the system refuses.
func madeWithout(system string, names []string) []string {
	switch len(names) {
	case 0:
		return nil
	case 1:
		return []string{fmt.Sprintf("%s: it does not take the %s that the account is to have, and the account was made without: correct that with its owner", system, names[0])}
	}
	return []string{fmt.Sprintf("%s: it does not take something of %s that the account is to have, and the account was made without any of that: what the policy has an "+
		"owner for is tried one by one, add the rest by hand", system, strings.Join(names, ", "))}
}
