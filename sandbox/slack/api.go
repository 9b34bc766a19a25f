package slack

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"gatehouse/sandbox/tenant"
)

// method is one Web API method.
type method struct {
	name   string
	scope  string
	write  bool
	args   []string
	handle func(c *tenant.Call, args url.Values) tenant.Reply
}

func (s *Slack) methods() []method {
	paging := []string{"cursor", "limit"}
	history := append([]string{"channel", "latest", "oldest", "inclusive", "include_all_metadata"}, paging...)
	post := []string{
		"channel", "text", "blocks", "attachments", "metadata", "thread_ts", "reply_broadcast", "unfurl_links",
		"unfurl_media", "mrkdwn", "markdown_text", "parse", "link_names", "username", "icon_url", "icon_emoji", "as_user", "client_msg_id",
	}
	return []method{
		{"auth.test", "", false, nil, s.authTest},
		{"chat.postMessage", "chat:write", true, post, s.postMessage},
		{"chat.update", "chat:write", true, append([]string{"ts", "file_ids"}, post...), s.updateMessage},
		{"chat.delete", "chat:write", true, []string{"channel", "ts", "as_user"}, s.deleteMessage},
		{"conversations.history", "channels:history", false, history, s.history},
		{"conversations.replies", "channels:history", false, append([]string{"ts"}, history...), s.replies},
		{"conversations.open", "im:write", true, []string{"users", "channel", "return_im", "prevent_creation"}, s.open},
		{"conversations.list", "channels:read", false, append([]string{"types", "exclude_archived", "team_id"}, paging...), s.list},
		{"conversations.info", "channels:read", false, []string{"channel", "include_locale", "include_num_members"}, s.info},
		{"conversations.members", "channels:read", false, append([]string{"channel"}, paging...), s.members},
		{"users.list", "users:read", false, append([]string{"include_locale", "team_id"}, paging...), s.userList},
		{"users.lookupByEmail", "users:read.email", false, []string{"email"}, s.lookupByEmail},
		{"users.info", "users:read", false, []string{"user", "include_locale"}, s.userInfo},
	}
}

// narrowScopes is what NarrowToken may do.
const narrowScopes = "chat:write,users:read,channels:read,im:write"

// Vendor is the workspace's HTTP face.
func (s *Slack) Vendor() tenant.Vendor {
	var routes []tenant.Route
	for _, m := range s.methods() {
		op := "slack." + m.name
		handle := s.method(m)
		routes = append(routes, tenant.Route{Method: "POST", Path: "/api/" + m.name, Op: op, Handle: handle})
		if !m.write {
			routes = append(routes, tenant.Route{Method: "GET", Path: "/api/" + m.name, Op: op, Handle: handle})
		}
	}
	return tenant.Vendor{
		Name: Name, Routes: routes,
		// Who is calling is in the arguments as often as in a header: method looks at both.
		Guard:       func(*tenant.Call) *tenant.Reply { return nil },
		Unknown:     unknown,
		WrongMethod: func(*tenant.Call, string) tenant.Reply { return fail(http.StatusMethodNotAllowed, "invalid_post_type") },
		BadQuery:    func(*tenant.Call, string) tenant.Reply { return fail(http.StatusOK, "invalid_arguments") },
		Failure:     func(_ *tenant.Call, status int) tenant.Reply { return fail(status, "internal_error") },
		RateLimited: rateLimited,
		// Slack documents no limit of a body. This is its word for one that did not arrive whole.
		TooLarge: func(*tenant.Call) tenant.Reply { return fail(http.StatusRequestEntityTooLarge, "request_timeout") },
	}
}

// unknown answers a method that does not exist with HTTP 200, as Slack does, and any other path with 404.
func unknown(c *tenant.Call) tenant.Reply {
	name, ok := strings.CutPrefix(c.Path, "/api/")
	if !ok {
		return fail(http.StatusNotFound, "not_found")
	}
	return tenant.JSON(http.StatusOK, map[string]any{"ok": false, "error": "unknown_method", "req_method": name})
}

// rateLimited is HTTP 429 with Retry-After, or, for status 200, the other form: ok false and ratelimited.
func rateLimited(_ *tenant.Call, status, retryAfter int) tenant.Reply {
	if status == http.StatusOK {
		return fail(status, "ratelimited")
	}
	r := fail(http.StatusTooManyRequests, "ratelimited")
	return r.With("Retry-After", strconv.Itoa(max(1, retryAfter)))
}

func fail(status int, code string) tenant.Reply {
	return tenant.JSON(status, map[string]any{"ok": false, "error": code})
}

func refuse(code string) tenant.Reply { return fail(http.StatusOK, code) }

// ok is a success; fields are merged into it.
func ok(fields map[string]any) tenant.Reply {
	if fields == nil {
		fields = map[string]any{}
	}
	fields["ok"] = true
	return tenant.JSON(http.StatusOK, fields)
}

// method wraps a method with what all have in common: arguments, token, scope.
func (s *Slack) method(m method) tenant.Handler {
	return func(c *tenant.Call) tenant.Reply {
		args, bad := arguments(c)
		if bad != "" {
			return refuse(bad)
		}
		token := args.Get("token")
		if header, found := strings.CutPrefix(c.Request.Header.Get("Authorization"), "Bearer "); found {
			token = header
		}
		args.Del("token")
		switch token {
		case "":
			return refuse("not_authed")
		case BotToken:
			c.Client("bot")
		case NarrowToken:
			c.Client("narrow bot")
			if m.scope != "" && !slices.Contains(strings.Split(narrowScopes, ","), m.scope) {
				return tenant.JSON(http.StatusOK, map[string]any{
					"ok": false, "error": "missing_scope", "needed": m.scope, "provided": narrowScopes,
				})
			}
		default:
			return refuse("invalid_auth")
		}
		for name := range args {
			if !slices.Contains(m.args, name) {
				return tenant.JSON(http.StatusOK, map[string]any{
					"ok": false, "error": "invalid_arguments",
					"response_metadata": map[string]any{"messages": []string{"[ERROR] unknown argument: " + name}},
				})
			}
		}
		return m.handle(c, args)
	}
}

// arguments reads a query, a form, or a flat JSON object, which Slack takes with a token in the header only.
func arguments(c *tenant.Call) (args url.Values, bad string) {
	if c.Request.Method == http.MethodGet {
		return c.Query(), ""
	}
	if form := c.Form(); form != nil {
		return form, ""
	}
	args = url.Values{}
	if len(c.Body) == 0 {
		return args, ""
	}
	if !strings.HasPrefix(c.Request.Header.Get("Content-Type"), "application/json") {
		return nil, "invalid_form_data"
	}
	var body map[string]json.RawMessage
	if err := json.Unmarshal(c.Body, &body); err != nil {
		return nil, "invalid_json"
	}
	for name, raw := range body {
		if name == "token" {
			continue
		}
		var text string
		if err := json.Unmarshal(raw, &text); err != nil {
			text = string(raw)
		}
		args.Set(name, text)
	}
	return args, ""
}

func (s *Slack) authTest(*tenant.Call, url.Values) tenant.Reply {
	return ok(map[string]any{
		"url": "https://acme.slack.com/", "team": "Acme", "team_id": TeamID, "user": "gatehouse",
		"user_id": BotUserID, "bot_id": BotID, "is_enterprise_install": false,
	})
}

func (s *Slack) lookupByEmail(c *tenant.Call, args url.Values) tenant.Reply {
	s.mu.RLock()
	u := s.users[s.byEmail[strings.ToLower(args.Get("email"))]]
	s.mu.RUnlock()
	if u == nil || args.Get("email") == "" {
		return refuse("users_not_found")
	}
	c.Subject("slack_user", u.ID)
	return ok(map[string]any{"user": userView(u)})
}

func (s *Slack) userInfo(c *tenant.Call, args url.Values) tenant.Reply {
	s.mu.RLock()
	u := s.users[args.Get("user")]
	s.mu.RUnlock()
	if u == nil {
		return refuse("user_not_found")
	}
	c.Subject("slack_user", u.ID)
	return ok(map[string]any{"user": userView(u)})
}

func userView(u *User) map[string]any {
	name := strings.TrimSpace(u.First + " " + u.Last)
	team := TeamID
	if u.Team != "" {
		team = u.Team
	}
	return map[string]any{
		"id": u.ID, "team_id": team, "is_restricted": u.Guest, "is_ultra_restricted": false, "is_stranger": u.Team != "", "name": strings.ToLower(strings.ReplaceAll(name, " ", ".")), "real_name": name,
		"deleted": u.Deleted, "is_bot": u.Bot,
		"profile": map[string]string{
			"real_name": name, "display_name": name, "first_name": u.First, "last_name": u.Last, "email": u.Email,
		},
	}
}

func (s *Slack) userList(_ *tenant.Call, args url.Values) tenant.Reply {
	// Without a limit Slack tries to answer with everybody.
	limit, offset, bad := readPage(args, 1000, 1000)
	if bad != "" {
		return refuse(bad)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	all := []map[string]any{}
	for _, id := range slices.Sorted(maps.Keys(s.users)) {
		all = append(all, userView(s.users[id]))
	}
	return ok(map[string]any{
		"members": cut(all, offset, limit), "cache_ts": s.t.Now().Unix(),
		"response_metadata": nextPage(offset+limit, len(all)),
	})
}
