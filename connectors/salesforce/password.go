package salesforce

import (
	"context"
	"errors"
	"net/http"

	"gatehouse/connectors"
	"gatehouse/connectors/password"
	"gatehouse/connectors/target"
)

var _ target.CredentialResetter = (*Target)(nil)

// ResetPassword implements target.CredentialResetter. It sets the password and mails nobody, which a reset of Salesforce's own would do.
// Salesforce cannot demand that a person choose another after that.
// Source: REST API Developer Guide, sObject User Password.
func (t *Target) ResetPassword(ctx context.Context, in target.ResetRequest) error {
	op := "set the password of user " + in.ID
	if _, _, _, err := t.forWrite(ctx, op, in.Write); err != nil {
		return err
	}
	next := in.Password
	if next == "" {
		next = password.Unknown()
	}
	body := map[string]string{"NewPassword": next}
	_, err := t.client.call(ctx, request{op: op, method: http.MethodPost, path: []string{"sobjects", "User", in.ID, "password"}, body: body}, nil)
	var e *connectors.Error
	if errors.As(err, &e) && e.Code == "INVALID_NEW_PASSWORD" {
		e.Code = target.CodePasswordPolicy
	}
	return err
}
