package account

import (
	"context"

	"gatehouse/connectors/onelogin"
	"gatehouse/identity"
)

// noteBefore keeps, of each set order that a write of a profile carries out, what the account said before: the end of the order gives
// it back where HR says nothing. What an earlier order had the account say is what it said before that one.
func (o *OneLogin) noteBefore(ctx context.Context, key string, wrote identity.Profile, account identity.Account) error {
	d, _, err := o.Ledger.Dossier(ctx, key)
	if err != nil {
		return err
	}
	for field, order := range identity.Setting(d.Orders, o.Clock()) {
		value := order.Sets(field)
		if _, known := order.Was(field); known || wrote.Value(field) != value || account.Value(field) == value {
			continue
		}
		before := account.Value(field)
		for _, earlier := range append(d.Ended, d.Orders...) {
			if was, known := earlier.Was(field); known && earlier.Sets(field) == before {
				before = was
				break
			}
		}
		for name := range order.Attributes {
			if identity.AttributeField(name) != field {
				continue
			}
			if err := o.Ledger.Orders().NoteBefore(ctx, order.ID, map[string]string{name: before}); err != nil {
				return err
			}
		}
	}
	return nil
}

// empty has a change take the values of fields away.
func empty(change *onelogin.UserChange, fields []identity.FieldName) {
	nothing := ""
	for _, field := range fields {
		switch field {
		case identity.FieldTitle:
			change.Title = &nothing
		case identity.FieldDepartment:
			change.Department = &nothing
		case identity.FieldCompany:
			change.Company = &nothing
		case identity.FieldPhone:
			change.Phone = &nothing
		case identity.FieldFirstName, identity.FieldLastName, identity.FieldExternalID, identity.FieldManager, identity.FieldEmail:
		}
	}
}
