-- Adds a task to a sorted set; returns the reply of ZADD, which may be an error, and its text there.
local function add_scheduled(scheduled, due, text)
  due = string.format('%d', due)
  local added = redis.pcall('ZADD', scheduled, 'NX', due, text)
  if added ~= 0 then
    return added, text
  end
  -- The set would drop a second task of the very same bytes. White space behind it makes another text of the same JSON: ten
  -- characters that stand for the time in µs, counted up, so that thousands of copies find theirs at the first attempt.
  local last = #text
  while last > 0 and string.find(' \t\n\r', string.sub(text, last, last), 1, true) do
    last = last - 1
  end
  text = string.sub(text, 1, last)
  local time = redis.call('TIME')
  local number = time[1] * 1000000 + time[2]
  local unlike
  repeat
    local blanks, rest = {}, number
    for i = 1, 10 do
      local digit = rest % 4
      blanks[i] = string.sub(' \t\n\r', digit + 1, digit + 1)
      rest = (rest - digit) / 4
    end
    unlike = text .. table.concat(blanks)
    added = redis.pcall('ZADD', scheduled, 'NX', due, unlike)
    number = number + 1
  until added ~= 0
  return added, unlike
end
