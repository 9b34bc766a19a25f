package onelogin

import "gatehouse/sandbox/tenant"

// eventType is one line of the types endpoint.
type eventType struct {
	ID          int    `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
}

func (o *OneLogin) listEventTypes(*tenant.Call) tenant.Reply { return v1OK(eventTypes()) }

// eventTypes are the types whose meaning several sources agree on. The ids are OneLogin's; most of the names follow its
// manner of naming and have not been seen in a live tenant.
func eventTypes() []eventType {
	return []eventType{
		{1, "APP_ADDED_TO_ROLE", "App added to role"},
		{2, "APP_REMOVED_FROM_ROLE", "App removed from role"},
		{3, "USER_ASSUMED_USER", "User assumed another user"},
		{4, "ROLE_ASSIGNED_TO_USER", "Role assigned to user"},
		{5, "USER_LOGGED_INTO_ONELOGIN", "User logged into OneLogin"},
		{6, "USER_FAILED_ONELOGIN_LOGIN", "User failed to log into OneLogin"},
		{7, "USER_LOGGED_OUT_OF_ONELOGIN", "User logged out of OneLogin"},
		{8, "USER_LOGGED_INTO_APP", "User logged into app"},
		{10, "USER_REQUESTED_NEW_PASSWORD", "User requested a new password"},
		{11, "USER_CHANGED_PASSWORD", "User changed password"},
		{12, "USER_UNLOCKED", "User unlocked"},
		{13, "USER_CREATED", "User created"},
		{14, "USER_UPDATED", "User updated"},
		{15, "USER_DEACTIVATED", "User deactivated"},
		{16, "USER_ACTIVATED", "User activated"},
		{17, "USER_DELETED", "User deleted"},
		{19, "USER_LOCKED", "User locked"},
		{21, "USER_SUSPENDED", "User suspended"},
		{22, "USER_REGISTERED_OTP_DEVICE", "User registered an OTP device"},
		{24, "USER_DEREGISTERED_OTP_DEVICE", "OTP device of user deregistered"},
		{32, "USER_REACTIVATED", "User reactivated"},
		{35, "USER_LOCKED_OUT_OF_APP", "User locked out of app"},
		{72, "PRIVILEGE_GRANTED_TO_USER", "Privilege granted to user"},
		{73, "PRIVILEGE_REVOKED_FROM_USER", "Privilege revoked from user"},
		{90, "UNAUTHORIZED_APP_ACCESS_ATTEMPT", "Unauthorized attempt to access an app"},
		{115, "USER_INVITED", "User invited"},
		{122, "API_AUTHENTICATION_SUCCEEDED", "API authentication succeeded"},
		{123, "API_AUTHENTICATION_FAILED", "API authentication failed"},
		{147, "USER_MANUALLY_ADDED_TO_ROLE", "User manually added to role"},
		{148, "USER_MANUALLY_REMOVED_FROM_ROLE", "User manually removed from role"},
		{149, "USER_AUTOMATICALLY_ADDED_TO_ROLE", "User added to role by a mapping"},
		{150, "USER_AUTOMATICALLY_REMOVED_FROM_ROLE", "User removed from role by a mapping"},
		{172, "AUTHENTICATION_FACTOR_DELETED", "Authentication factor deleted"},
		{179, "API_CREDENTIAL_CREATED", "API credential created"},
		{202, "MAPPINGS_REAPPLIED", "Mappings reapplied"},
		{511, "API_PASSWORD_SET_CLEARTEXT", "Password set over the API"},
		{513, "API_ROLE_ADDED_TO_USER", "Role added to user over the API"},
		{514, "API_ROLE_REMOVED_FROM_USER", "Role removed from user over the API"},
		{516, "API_USER_LOGGED_OUT", "User logged out over the API"},
		{529, "API_USER_UPDATED", "User updated over the API"},
		{530, "API_USER_DESTROYED", "User deleted over the API"},
		{531, "API_USER_LOCKED", "User locked over the API"},
		{533, "API_USER_CREATED", "User created over the API"},
		{551, "API_USER_SUSPENDED", "User suspended over the API"},
	}
}
