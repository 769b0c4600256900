-- Reads what is known of a task. A script, since a cluster's client sends one on to wherever the slot is now.
-- KEYS  1 its status, 2 its count of recoveries
-- returns both, each false where there is none or the key is of a wrong type
local values = {}
for i = 1, 2 do
  local value = redis.pcall('GET', KEYS[i])
  values[i] = type(value) == 'string' and value
end
return values
