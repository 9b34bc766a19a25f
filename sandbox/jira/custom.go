package jira

import (
	"encoding/json"
	"net/http"
	"strings"

	"gatehouse/sandbox/tenant"
)

// custom refuses an issue that lacks a field which the project demands, in the words of a site administrator's field
// configuration, and takes those fields out of the body: what is in them changes nothing here.
func (j *Jira) custom(c *tenant.Call) *tenant.Reply {
	required := *j.required.Load()
	var body map[string]json.RawMessage
	fields := map[string]json.RawMessage{}
	if len(required) == 0 || json.Unmarshal(c.Body, &body) != nil || json.Unmarshal(body["fields"], &fields) != nil {
		return nil
	}
	missing := map[string]string{}
	for _, name := range required {
		if value := strings.TrimSpace(string(fields[name])); value == "" || value == "null" || value == `""` {
			missing[name] = "Field " + name + " is required."
		}
		if strings.HasPrefix(name, "customfield_") {
			delete(fields, name)
		}
	}
	if len(missing) > 0 {
		r := tenant.JSON(http.StatusBadRequest, map[string]any{"errorMessages": []string{}, "errors": missing})
		return &r
	}
	// What was read from JSON is JSON.
	body["fields"], _ = json.Marshal(fields)
	c.Body, _ = json.Marshal(body)
	return nil
}
