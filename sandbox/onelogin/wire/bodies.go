package wire

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"gatehouse/sandbox/tenant"
)

// IDList is an array of ids, each a number or a number in quotes: clients send both.
type IDList []int64

// UnmarshalJSON reads either form.
func (l *IDList) UnmarshalJSON(data []byte) error {
	var raw []json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		return err
	}
	if raw == nil {
		*l = nil
		return nil
	}
	*l = IDList{}
	for _, item := range raw {
		id, err := strconv.ParseInt(strings.Trim(string(item), `"`), 10, 64)
		if err != nil {
			return err
		}
		*l = append(*l, id)
	}
	return nil
}

// ReadBody decodes the body of an app's or a role's create and update.
func ReadBody[T any](c *tenant.Call) (body T, refused *tenant.Reply) {
	if err := json.Unmarshal(c.Body, &body); err != nil {
		r := V2Error(http.StatusBadRequest, "The request body is not valid")
		return body, &r
	}
	return body, nil
}
