-- Takes entries out of a list. Each is looked at where it was when it was read, counted from the right end; only where it is not
-- there any more is it looked for, and those after it have moved as far. Looking for each from an end on, to find it and again to
-- remove it, takes the square of the list's length. Meanwhile the list may grow at its left end alone.
-- returns functions: find, of an entry's bytes and how many came before it, gives where it is now, or nil; take, of what find
-- gave, marks it; finish removes what is marked, and must be called whatever happens; passed tells how many find has looked past
local function out_of_list(list)
  -- So many more may come before an entry by now, as others were put back there.
  local SLACK = 1000
  local shift, looked_past, count, nearest, farthest, mark = 0, 0, 0

  local function find(raw, position)
    local at = position + shift
    if at >= 0 and redis.call('LINDEX', list, -1 - at) == raw then
      return at
    end
    local index = redis.call('LPOS', list, raw, 'RANK', -1, 'MAXLEN', position + SLACK)
    if not index then
      looked_past = looked_past + math.min(position + SLACK, redis.call('LLEN', list))
      return nil
    end
    at = redis.call('LLEN', list) - 1 - index
    looked_past = looked_past + at
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

  local function finish()
    if count > 0 then
      local from_right = farthest < redis.call('LLEN', list) - nearest
      redis.call('LREM', list, from_right and -count or count, mark)
    end
  end

  local function passed()
    return looked_past
  end

  return find, take, finish, passed
end
