"""What commands do: functions that take plain settings, return what they made, and know no command line."""
