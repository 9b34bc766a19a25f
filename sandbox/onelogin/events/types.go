package events

import (
	"gatehouse/sandbox/onelogin/wire"
	"gatehouse/sandbox/tenant"
)

// eventType is one line of the types endpoint.
type eventType struct {
	ID          int    `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
}

// ListTypes answers the list of types.
func ListTypes(*tenant.Call) tenant.Reply { return wire.V1OK(eventTypes()) }

// eventTypes are the types whose meaning several sources agree on. Ids and names are those that a
// public set of SIEM rules of 2025 has.
func eventTypes() []eventType {
	return []eventType{
		{1, "APP_ADDED_TO_ROLE", "App added to role"},
		{2, "APP_REMOVED_FROM_ROLE", "App removed from role"},
		{3, "USER_ASSUMED_USER", "User assumed another user"},
		{4, "USER_ASSIGNED_ROLE", "Role assigned to user"},
		{5, "USER_LOGGED_INTO_ONELOGIN", "User logged into OneLogin"},
		{6, "USER_FAILED_ONELOGIN_LOGIN", "User failed to log into OneLogin"},
		{7, "USER_LOGGED_OUT_OF_ONELOGIN", "User logged out of OneLogin"},
		{8, "USER_LOGGED_INTO_APP", "User logged into app"},
		{10, "USER_REQUESTED_NEW_PASSWORD", "User requested a new password"},
		{11, "USER_CHANGED_PASSWORD", "User changed password"},
		{12, "UNLOCKED_USER", "User unlocked"},
		{13, "CREATED_USER", "User created"},
		{14, "UPDATED_USER", "User updated"},
		{15, "DEACTIVATED_USER", "User deactivated"},
		{16, "ACTIVATED_USER", "User activated"},
		{17, "DELETED_USER", "User deleted"},
		{19, "USER_LOCKED", "User locked"},
		{21, "SUSPENDED_USER", "User suspended"},
		{22, "USER_ADDED_OTP_DEVICE", "User registered an OTP device"},
		{24, "USER_REMOVED_OTP_DEVICE", "OTP device of user deregistered"},
		{32, "REACTIVATED_USER", "User reactivated"},
		{35, "USER_LOCKED_OUT_OF_APP", "User locked out of app"},
		{72, "PRIVILEGE_GRANTED_TO_USER", "Privilege granted to user"},
		{73, "PRIVILEGE_REVOKED_FROM_USER", "Privilege revoked from user"},
		{90, "USER_UNAUTHORIZED_APP_ACCESS", "Unauthorized attempt to access an app"},
		{115, "USER_INVITED", "User invited"},
		{122, "USER_AUTHENTICATED_BY_API", "API authentication succeeded"},
		{123, "USER_REJECTED_BY_API", "API authentication failed"},
		{147, "USER_MANUALLY_ADDED_TO_ROLE", "User manually added to role"},
		{148, "USER_MANUALLY_REMOVED_FROM_ROLE", "User manually removed from role"},
		{149, "USER_AUTO_ADDED_TO_ROLE", "User added to role by a mapping"},
		{150, "USER_AUTO_REMOVED_FROM_ROLE", "User removed from role by a mapping"},
		{172, "AUTHENTICATION_FACTOR_DELETED", "Authentication factor deleted"},
		{179, "API_CREDENTIAL_CREATED", "API credential created"},
		{180, "API_CREDENTIAL_DELETED", "API credential deleted"},
		{181, "API_CREDENTIAL_ENABLED", "API credential enabled"},
		{182, "API_CREDENTIAL_DISABLED", "API credential disabled"},
		{189, "MAPPING_ADDED", "Mapping added"},
		{202, "REAPPLIED_MAPPINGS", "Mappings reapplied"},
		{511, "API_SET_PWD_CLEAR_TEXT", "Password set over the API"},
		{513, "API_ADD_ROLES", "Role added to user over the API"},
		{514, "API_REMOVE_ROLES", "Role removed from user over the API"},
		{516, "API_LOGOUT", "User logged out over the API"},
		{529, "API_UPDATE_USER", "User updated over the API"},
		{530, "API_DESTROY_USER", "User deleted over the API"},
		{531, "API_LOCK_USER", "User locked over the API"},
		{533, "API_CREATE_USER", "User created over the API"},
		{551, "SUSPENDED_USER_VIA_API", "User suspended over the API"},
	}
}
