-- Reads what is known of a task, in one queue or several. A script, since a cluster's client sends one on to wherever the
-- slot is now.
-- KEYS  two for each queue: its status, its count of recoveries
-- returns their values, each false where there is none or the key is of a wrong type
local values = {}
for i = 1, #KEYS do
  local value = redis.pcall('GET', KEYS[i])
  values[i] = type(value) == 'string' and value
end
return values
