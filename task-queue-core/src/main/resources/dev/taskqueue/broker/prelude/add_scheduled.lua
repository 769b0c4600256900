-- Adds a task to a sorted set; returns the reply of ZADD, which may be an error.
local function add_scheduled(scheduled, due, text)
  due = string.format('%d', due)
  -- The set would drop a second task of the very same bytes; with one more blank it is the same JSON.
  while true do
    local added = redis.pcall('ZADD', scheduled, 'NX', due, text)
    if added ~= 0 then
      return added
    end
    text = text .. ' '
  end
end
