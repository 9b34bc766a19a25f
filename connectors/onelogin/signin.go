package onelogin

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"gatehouse/connectors"
	"gatehouse/internal/httpx"
)

func userPathV1(id int64, verb string) string {
	return "/api/1/users/" + strconv.FormatInt(id, 10) + "/" + verb
}

// write carries out a guarded write to one user whose reply holds nothing of interest.
func (c *Client) write(ctx context.Context, id int64, r request) error {
	if err := c.guard(ctx, r.op, id); err != nil {
		return err
	}
	_, err := c.call(ctx, r, nil)
	return err
}

// LogOut ends a user's portal session and keeps it from signing in to further apps. Sessions that already run inside
// apps go on. It may be repeated. Source: developers.onelogin.com, 1/users/log-user-out.
func (c *Client) LogOut(ctx context.Context, id int64) error {
	return c.write(ctx, id, request{
		op: fmt.Sprintf("log out user %d", id), method: http.MethodPut, path: userPathV1(id, "logout"),
	})
}

// SetPassword sets a user's password without checking it against the password policy. It may be repeated.
// Source: developers.onelogin.com, 1/users/set-password-in-cleartext.
func (c *Client) SetPassword(ctx context.Context, id int64, password httpx.Secret) error {
	op := fmt.Sprintf("set password of user %d", id)
	if password == "" {
		return invalid(op, "the password is empty")
	}
	return c.write(ctx, id, request{
		op: op, method: http.MethodPut,
		path: "/api/1/users/set_password_clear_text/" + strconv.FormatInt(id, 10),
		body: map[string]any{
			"password": password.Reveal(), "password_confirmation": password.Reveal(), "validate_policy": false,
		},
	})
}

// SendInvite mails an invitation to the user with exactly this e-mail address, in the same case: to personalEmail if that
// is not empty. Repeating it sends another mail. Source: developers.onelogin.com, 1/invite-links/send-invite-link.
func (c *Client) SendInvite(ctx context.Context, email, personalEmail string) error {
	const op = "send invitation"
	if err := c.guardEmail(ctx, op, email); err != nil {
		return err
	}
	body := map[string]any{"email": email}
	if personalEmail != "" {
		body["personal_email"] = personalEmail
	}
	_, err := c.call(ctx, request{op: op, method: http.MethodPost, path: "/api/1/invites/send_invite_link", body: body}, nil)
	return err
}

// Lock locks a user out for some minutes; 0 is the period of the user's policy. A lock lapses by itself, so it is no way
// to end access: suspend for that. Source: developers.onelogin.com, 1/users/lock-user-account.
func (c *Client) Lock(ctx context.Context, id int64, minutes int) error {
	op := fmt.Sprintf("lock user %d", id)
	if minutes < 0 {
		return invalid(op, "the number of minutes is negative")
	}
	return c.write(ctx, id, request{
		op: op, method: http.MethodPut, path: userPathV1(id, "lock_user"), body: map[string]any{"locked_until": minutes},
	})
}

// Unlock ends a lock, whoever made it. A user who is not locked is refused. Source: developers.onelogin.com, 2/users/unlock-user.
func (c *Client) Unlock(ctx context.Context, id int64) error {
	return c.write(ctx, id, request{
		op: fmt.Sprintf("unlock user %d", id), method: http.MethodPost, path: userPath(id) + "/unlock",
	})
}

// Ping checks that OneLogin answers and takes the credential, and reads the quota on the way. It is sent whatever the
// quota. Source: developers.onelogin.com, 2/oauth20-tokens/get-rate-limit.
func (c *Client) Ping(ctx context.Context) error {
	const op = "read rate limit"
	var reply struct {
		Data json.RawMessage `json:"data"`
	}
	header, err := c.call(ctx, request{op: op, method: http.MethodGet, path: "/auth/rate_limit", free: true}, &reply)
	if err != nil {
		return err
	}
	if _, inHeader := headerInt(header, "X-RateLimit-Remaining"); inHeader {
		return nil
	}
	type quota struct {
		Limit     httpx.Int `json:"X-RateLimit-Limit"`
		Remaining httpx.Int `json:"X-RateLimit-Remaining"`
		Reset     httpx.Int `json:"X-RateLimit-Reset"`
	}
	q, err := oneOf[quota](reply.Data)
	if err != nil {
		return connectors.Malformed(system, op, http.StatusOK, err)
	}
	if q.Limit.Sent && q.Remaining.Sent && q.Reset.Sent {
		c.limits.observe(int(q.Limit.Value), int(q.Remaining.Value), seconds(q.Reset.Value))
	}
	return nil
}

// oneOf decodes version 1's data, which is an object here and a list of one there.
func oneOf[T any](raw json.RawMessage) (T, error) {
	var one T
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || string(raw) == "null" {
		return one, nil
	}
	if raw[0] != '[' {
		return one, json.Unmarshal(raw, &one)
	}
	var list []T
	if err := json.Unmarshal(raw, &list); err != nil {
		return one, err
	}
	if len(list) > 0 {
		one = list[0]
	}
	return one, nil
}
