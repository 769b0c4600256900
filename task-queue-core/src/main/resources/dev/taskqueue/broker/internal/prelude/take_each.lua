-- Takes entries out of a list, one after the other. Each is looked at where it was when it was read, counted from the right end; only
-- where it is not there any more is it looked for, and those after it have moved as far. Looking for each from an end on, to find
-- it and again to remove it, takes the square of the list's length. Meanwhile the list may grow at its left end alone. Ends early
-- once it has looked past many others, and where an entry has no outcome; what has been taken is gone whatever happens.
-- Calls what is given for each entry: with the numbers of its first key and its first argument, and with two functions: find, of
-- its bytes and how many came before it, gives where it is now, or nil; take, of what find gave, takes it out.
-- returns the outcomes
local function take_each(list, first_key, keys, first_arg, args, outcome_of)
  -- So many more may come before an entry by now, as others were put back there.
  local SLACK = 1000
  -- A few milliseconds.
  local MOST_PASSED = 20000
  local shift, passed, count, nearest, farthest, mark = 0, 0, 0

  local function find(raw, position)
    -- Anybody can have made up where it was.
    position = math.max(0, math.min(tonumber(position) or 0, 2147483647))
    local at = position + shift
    if at >= 0 and redis.call('LINDEX', list, -1 - at) == raw then
      return at
    end
    local index = redis.call('LPOS', list, raw, 'RANK', -1, 'MAXLEN', position + SLACK)
    if not index then
      passed = passed + math.min(position + SLACK, redis.call('LLEN', list))
      return nil
    end
    at = redis.call('LLEN', list) - 1 - index
    passed = passed + at
    shift = at - position
    return at
  end

  local function take(at)
    if not mark then
      local time = redis.call('TIME')
      -- Unlike whatever anybody can have pushed.
      mark = 'taken ' .. redis.sha1hex(time[1] .. ' ' .. time[2] .. redis.call('LINDEX', list, -1 - at))
      nearest, farthest = at, at
    end
    redis.call('LSET', list, -1 - at, mark)
    count = count + 1
    nearest, farthest = math.min(nearest, at), math.max(farthest, at)
  end

  local outcomes = {}
  local ok, failure = pcall(function()
    local key = first_key
    for arg = first_arg, #ARGV, args do
      local outcome = passed < MOST_PASSED and outcome_of(key, arg, find, take)
      if not outcome then
        break
      end
      outcomes[#outcomes + 1] = outcome
      key = key + keys
    end
  end)
  if count > 0 then
    local from_right = farthest < redis.call('LLEN', list) - nearest
    redis.call('LREM', list, from_right and -count or count, mark)
  end
  if not ok then
    error(failure)
  end
  return outcomes
end
