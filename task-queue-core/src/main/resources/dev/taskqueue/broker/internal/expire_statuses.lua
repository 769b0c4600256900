-- Lets statuses expire that would stay for ever unless their tasks come to an end.
-- KEYS  the statuses
-- ARGV  1 how long they are kept from now on (ms)
-- returns an error's text, empty where there was none
local pcall = redis.pcall
local ttl = ARGV[1]
for _, status in ipairs(KEYS) do
  local left = pcall('PTTL', status)
  if type(left) == 'table' then
    return left.err
  end
  -- What is of another type is no status.
  if left == -1 and pcall('TYPE', status).ok == 'string' then
    local set = pcall('PEXPIRE', status, ttl)
    if type(set) == 'table' then
      return set.err
    end
  end
end
return ''
