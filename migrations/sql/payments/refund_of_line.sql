-- execute: cv_app, cv_worker, cv_rules
-- A fan's refund of a line: the policy's share of the face value (half up), the fee unless it is kept, and the tax on
-- top of both; all that was paid where nothing is kept.
create or replace function app.refund_of_line(p_face bigint, p_fee bigint, p_tax bigint, p_total bigint, p_share int,
                                              p_keeps_fees boolean) returns bigint
language sql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
  select case when p_share = 10000 and not p_keeps_fees then p_total else
         least(p_total, x.back + case when p_total = p_face + p_fee or p_face + p_fee = 0 then 0
                                      else (2 * p_tax * x.back + p_face + p_fee) / (2 * (p_face + p_fee)) end) end
    from (select (p_face * p_share + 5000) / 10000 + case when p_keeps_fees then 0 else p_fee end as back) x
$$;
