-- Gives up what a task holds that leaves its place without being run: nothing in its place holds more than a lock that its
-- worker left behind. One that a living worker holds belongs to another entry of the same id.
-- key: its idempotency key; token: what the value of the key begins with while a claim of this task holds it, empty for a
-- task without a key
local function give_up(workers, key, token)
  if token == '' then
    return
  end
  local value = redis.pcall('GET', key)
  if type(value) == 'string' and string.sub(value, 1, #token) == token then
    local holder = string.match(value, ':([^:]+):[^:]*$')
    if not holder or not redis.pcall('ZSCORE', workers, holder) then
      redis.pcall('DEL', key)
    end
  end
end
