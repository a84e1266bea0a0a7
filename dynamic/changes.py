"""Whose memories a change of our tables makes stale (see `apikeys.changes`)."""

WATCHED = {
    "dynamic_system": "{row}.owner_id",
    "dynamic_credential": "(SELECT owner_id FROM dynamic_system WHERE id = {row}.system_id)",
    "dynamic_apicall": "(SELECT owner_id FROM dynamic_system WHERE id = {row}.system_id)",
    "dynamic_flowversion": "(SELECT owner_id FROM dynamic_flow WHERE id = {row}.flow_id)",
    "dynamic_pipe": "{row}.owner_id",
    "dynamic_share": "{row}.owner_id",
}
