package ldap

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"regexp"
	"strings"

	goldap "github.com/go-ldap/ldap/v3"

	"gatehouse/connectors"
	"gatehouse/connectors/target"
)

// The codes of errors that callers may branch on, beside the names of LDAP's results such as "entry_already_exists".
const (
	// CodeNothingVisible is an answer without entries from a directory that shows no account at all.
	CodeNothingVisible = "nothing_visible"
	// CodeLastMember is a group whose schema demands a member, and this is the last.
	CodeLastMember = "last_member"
	// CodePrimaryGroup is a group that the account is in by its primaryGroupID.
	CodePrimaryGroup = "primary_group"
	// CodeChanged is a value that somebody else has changed since it was read.
	CodeChanged = "changed_since"
	// CodeAmbiguous is a key or an external id that more than one entry has.
	CodeAmbiguous = "ambiguous"
)

// kinds are what LDAP's results mean for a caller. Any other is KindUnavailable if it is the library's, else KindInvalid.
var kinds = map[uint16]connectors.Kind{
	goldap.LDAPResultOperationsError: connectors.KindUnavailable, goldap.LDAPResultTimeLimitExceeded: connectors.KindUnavailable,
	goldap.LDAPResultSizeLimitExceeded: connectors.KindUnauthorized, goldap.LDAPResultAdminLimitExceeded: connectors.KindUnauthorized,
	goldap.LDAPResultAuthMethodNotSupported: connectors.KindUnauthorized, goldap.LDAPResultStrongAuthRequired: connectors.KindUnauthorized,
	goldap.LDAPResultConfidentialityRequired:     connectors.KindUnauthorized,
	goldap.LDAPResultInappropriateAuthentication: connectors.KindUnauthorized,
	goldap.LDAPResultInvalidCredentials:          connectors.KindUnauthorized,
	goldap.LDAPResultInsufficientAccessRights:    connectors.KindUnauthorized,
	goldap.LDAPResultAuthorizationDenied:         connectors.KindUnauthorized,
	goldap.LDAPResultReferral:                    connectors.KindRefused,
	goldap.LDAPResultNoSuchObject:                connectors.KindNotFound,
	goldap.LDAPResultNoSuchAttribute:             connectors.KindConflict,
	goldap.LDAPResultAttributeOrValueExists:      connectors.KindConflict,
	goldap.LDAPResultEntryAlreadyExists:          connectors.KindConflict,
	goldap.LDAPResultNotAllowedOnNonLeaf:         connectors.KindConflict,
	goldap.LDAPResultBusy:                        connectors.KindUnavailable,
	goldap.LDAPResultUnavailable:                 connectors.KindUnavailable,
	goldap.LDAPResultOther:                       connectors.KindUnavailable,
	goldap.LDAPResultServerDown:                  connectors.KindUnavailable,
	goldap.LDAPResultTimeout:                     connectors.KindUnavailable,
	goldap.LDAPResultConnectError:                connectors.KindUnavailable,
	goldap.ErrorNetwork:                          connectors.KindUnavailable,
	goldap.ErrorUnexpectedMessage:                connectors.KindMalformed,
	goldap.ErrorUnexpectedResponse:               connectors.KindMalformed,
	goldap.ErrorMalformedPacket:                  connectors.KindMalformed,
	goldap.ErrorEmptyPassword:                    connectors.KindRefused,
}

// hints say of results what to do, where the kind's advice is not enough.
var hints = map[uint16]string{
	goldap.LDAPResultSizeLimitExceeded:      "the directory cuts its answers: raise the size limit of the bind account",
	goldap.LDAPResultAdminLimitExceeded:     "the directory cuts its answers: raise the limits of the bind account, or index the attribute",
	goldap.LDAPResultReferral:               "the entry is on another server, to which Gatehouse does not follow: configure the server that holds it",
	goldap.LDAPResultNotAllowedOnNonLeaf:    "the entry has others below it",
	goldap.LDAPResultUndefinedAttributeType: "the directory does not know an attribute: check that its schema or overlay is loaded",
	goldap.LDAPResultUnwillingToPerform:     "the directory does not do this: it may be a read-only replica, or a rule of its own forbids it",
}

// result is LDAP's result of a request. Ok is false if there was none.
func result(err error) (code uint16, ok bool) {
	var e *goldap.Error
	if !errors.As(err, &e) {
		return 0, false
	}
	return e.ResultCode, true
}

func is(err error, codes ...uint16) bool { return goldap.IsErrorAnyOf(err, codes...) }

// broken reports that a connection is of no further use: an answer that did not come may still come, to another question.
func broken(op string, err error) bool {
	wrapped := fault(op, err)
	return connectors.IsKind(wrapped, connectors.KindUnavailable) || connectors.IsKind(wrapped, connectors.KindMalformed)
}

// fault turns an error of the library into ours. What the server says in free text is read by nobody: it can hold names.
func fault(op string, err error) error {
	var ours *connectors.Error
	if err == nil || errors.As(err, &ours) {
		return err
	}
	e := &connectors.Error{System: System, Op: op, Kind: connectors.KindUnavailable}
	code, ok := result(err)
	if !ok {
		return e
	}
	if kind, known := kinds[code]; known {
		e.Kind = kind
	} else if code < goldap.ErrorNetwork {
		e.Kind = connectors.KindInvalid
	}
	e.Code = connectors.StableCode(strings.ToLower(goldap.LDAPResultCodeMap[code]))
	if hint := hints[code]; hint != "" {
		e.Err = errors.New(hint)
	}
	return e
}

// refused makes an error of our own.
func refused(op string, kind connectors.Kind, code, why string) error {
	return &connectors.Error{System: System, Op: op, Kind: kind, Code: code, Err: errors.New(why)}
}

func ended(op string, err error) error {
	return &connectors.Error{System: System, Op: op, Kind: connectors.KindUnavailable, Err: err}
}

// activeDirectory is the code that Active Directory gives the reason of a refused bind by.
var activeDirectory = regexp.MustCompile(`, data ([0-9a-f]{3,4}),`)

var bindReasons = map[string]string{
	"525": "the bind account does not exist", "52e": "the password is wrong", "530": "the bind account may not sign in at this time",
	"531": "the bind account may not sign in from here", "532": "the bind account's password has expired",
	"533": "the bind account is disabled", "701": "the bind account has expired",
	"773": "the bind account has to change its password", "775": "the bind account is locked",
}

// bindFault is a sign-in that failed. A server says "invalid credentials" for a wrong password, a locked account and one that
// does not exist.
func bindFault(op string, err error) error {
	wrapped := fault(op, err)
	var e *connectors.Error
	if !errors.As(wrapped, &e) {
		return wrapped
	}
	switch code, _ := result(err); code {
	case goldap.LDAPResultInvalidCredentials:
		why := "the directory refuses the bind account: its password is wrong, or it is locked, expired or not there"
		if m := activeDirectory.FindStringSubmatch(err.Error()); m != nil && bindReasons[m[1]] != "" {
			why = bindReasons[m[1]]
		}
		e.Err = errors.New(why)
	case goldap.LDAPResultUnwillingToPerform, goldap.LDAPResultNoSuchObject, goldap.LDAPResultInvalidDNSyntax:
		e.Kind, e.Err = connectors.KindUnauthorized, errors.New("the directory refuses the bind account: check its DN")
	}
	return e
}

// unreached is a connection that did not come about. Addresses are left out; what is wrong with a certificate is not.
func unreached(ctx context.Context, op, doing string, err error) error {
	e := &connectors.Error{System: System, Op: op, Kind: connectors.KindUnavailable}
	var unknown x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	var host x509.HostnameError
	var verify *tls.CertificateVerificationError
	text := ""
	switch {
	case ctx.Err() != nil:
		e.Err = fmt.Errorf("%s: %w", doing, ctx.Err())
		return e
	case errors.As(err, &unknown), strings.Contains(err.Error(), "unknown authority"):
		text = "the certificate is signed by nobody that is trusted here: set ca to the file of the directory's authority"
	case errors.As(err, &host), strings.Contains(err.Error(), "certificate is valid for"), strings.Contains(err.Error(), "doesn't contain any IP SANs"):
		text = "the certificate is for another host: connect by the name that stands in it"
	case errors.As(err, &invalid), errors.As(err, &verify), strings.Contains(err.Error(), "x509:"):
		text = "the certificate is not valid: renew it"
	case is(err, goldap.LDAPResultProtocolError, goldap.LDAPResultUnavailable, goldap.LDAPResultUnwillingToPerform):
		text = "the directory does not offer StartTLS: configure a certificate there, or use ldaps://"
	}
	if text != "" {
		e.Kind = connectors.KindRefused
		e.Err = errors.New(text)
		return e
	}
	e.Err = fmt.Errorf("could not %s", doing)
	return e
}

// policyFault is a password that was refused. Servers say so by constraintViolation, Active Directory also by
// unwillingToPerform.
func policyFault(op string, err error) error {
	if !is(err, goldap.LDAPResultConstraintViolation, goldap.LDAPResultUnwillingToPerform) {
		return fault(op, err)
	}
	return refused(op, connectors.KindInvalid, target.CodePasswordPolicy, "the directory's password policy refuses the password, or its change")
}
