package onelogin

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"gatehouse/connectors"
	"gatehouse/internal/httpx"
)

// Factors lists a user's second factors, from both APIs: the newer one hides those that it cannot verify, so its empty
// list is no proof that there are none. It takes two requests.
// Sources: developers.onelogin.com, 2/multi-factor-authentication/enrolled-factors and
// 1/multi-factor-authentication/enrolled-factors.
func (c *Client) Factors(ctx context.Context, id int64) ([]Factor, error) {
	op := fmt.Sprintf("list factors of user %d", id)
	var devices []struct {
		ID   httpx.Text `json:"device_id"`
		Type httpx.Text `json:"type_display_name"`
		Name httpx.Text `json:"auth_factor_name"`
	}
	path := fmt.Sprintf("/api/2/mfa/users/%d/devices", id)
	if _, err := c.call(ctx, request{op: op, method: http.MethodGet, path: path}, &devices); err != nil {
		return nil, err
	}
	var factors []Factor
	seen := map[string]bool{}
	for _, d := range devices {
		if seen[string(d.ID)] {
			continue
		}
		seen[string(d.ID)] = true
		factors = append(factors, Factor{
			ID: string(d.ID), Name: cmp.Or(string(d.Type), string(d.Name)), Kinds: kindNames(nil, string(d.Type), string(d.Name)), Active: true,
		})
	}
	older, err := c.otpDevices(ctx, op, id)
	if err != nil {
		return nil, err
	}
	for _, f := range older {
		if !seen[f.ID] {
			seen[f.ID] = true
			factors = append(factors, f)
			continue
		}
		if i := slices.IndexFunc(factors, func(known Factor) bool { return known.ID == f.ID }); i >= 0 {
			factors[i].Kinds = kindNames(factors[i].Kinds, f.Kinds...)
		}
	}
	return factors, nil
}

// kindNames adds names of a kind that are there and not known yet.
func kindNames(to []string, names ...string) []string {
	for _, name := range names {
		if name = strings.TrimSpace(name); name != "" && !slices.Contains(to, name) {
			to = append(to, name)
		}
	}
	return to
}

// RegisteredFactors lists the second factors that the older API shows, with one request: those of the newer one, those
// that it hides because it cannot verify them, and those registered and never used. For a reading of everybody this is
// the one call that tells who has none; before anything is done to a person, ask Factors.
// Source: developers.onelogin.com, 1/multi-factor-authentication/enrolled-factors.
func (c *Client) RegisteredFactors(ctx context.Context, id int64) ([]Factor, error) {
	return c.otpDevices(ctx, fmt.Sprintf("list registered factors of user %d", id), id)
}

func (c *Client) otpDevices(ctx context.Context, op string, id int64) ([]Factor, error) {
	var reply struct {
		Data json.RawMessage `json:"data"`
	}
	if _, err := c.call(ctx, request{op: op, method: http.MethodGet, path: userPathV1(id, "otp_devices")}, &reply); err != nil {
		return nil, err
	}
	type devices struct {
		List []struct {
			ID     httpx.Int  `json:"id"`
			Active bool       `json:"active"`
			Type   httpx.Text `json:"type_display_name"`
			Name   httpx.Text `json:"auth_factor_name"`
		} `json:"otp_devices"`
	}
	found, err := oneOf[devices](reply.Data)
	if err != nil {
		return nil, connectors.Malformed(system, op, http.StatusOK, err)
	}
	var factors []Factor
	for _, d := range found.List {
		factors = append(factors, Factor{
			ID: strconv.FormatInt(d.ID.Value, 10), Name: cmp.Or(string(d.Type), string(d.Name)),
			Kinds: kindNames(nil, string(d.Type), string(d.Name)), Active: d.Active, V1Only: true,
		})
	}
	return factors, nil
}

// RemoveFactor removes a second factor. One that is gone already is success, and so is one that only the older API
// knows: read the factors back. Source: developers.onelogin.com, 2/multi-factor-authentication/remove-factor.
func (c *Client) RemoveFactor(ctx context.Context, id int64, factorID string) error {
	op := fmt.Sprintf("remove a factor of user %d", id)
	if factorID == "" || strings.ContainsAny(factorID, "./") {
		return invalid(op, "the factor id is empty, or would change the request's path")
	}
	err := c.write(ctx, id, request{
		op: op, method: http.MethodDelete,
		path: fmt.Sprintf("/api/2/mfa/users/%d/devices/%s", id, url.PathEscape(factorID)),
	})
	if connectors.IsKind(err, connectors.KindNotFound) {
		return nil
	}
	return err
}
