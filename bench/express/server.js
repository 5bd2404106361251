// The honest hand-written baseline: Express 5 + pg + stripe-node, one transaction per webhook.
import cluster from 'node:cluster'
import express from 'express'
import pg from 'pg'
import Stripe from 'stripe'

const workers = Number(process.env.WORKERS ?? 1)
if (workers > 1 && cluster.isPrimary) {
  for (let i = 0; i < workers; i++) cluster.fork()
} else {
  start()
}

function start() {
  const stripe = new Stripe('sk_test_x')
  const secret = process.env.WEBHOOK_SECRET ?? 'whsec_rig'
  const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: Number(process.env.POOL ?? 16) })
  const app = express()

  app.post('/webhooks', express.raw({ type: 'application/json' }), async (req, res) => {
    let event
    try {
      event = stripe.webhooks.constructEvent(req.body, req.headers['stripe-signature'], secret)
    } catch (err) {
      return res.status(400).send(`Webhook Error: ${err.message}`)
    }
    const client = await pool.connect()
    try {
      await client.query('BEGIN')
      const seen = await client.query(
        'INSERT INTO webhook_events (id, type, created) VALUES ($1, $2, to_timestamp($3)) ON CONFLICT (id) DO NOTHING',
        [event.id, event.type, event.created])
      if (seen.rowCount === 1) await handle(client, event)
      await client.query('COMMIT')
      res.json({ received: true })
    } catch (err) {
      await client.query('ROLLBACK').catch(() => {})
      console.error(err)
      res.status(500).json({ error: 'failed' })
    } finally {
      client.release()
    }
  })

  app.listen(Number(process.env.PORT ?? 8081), '127.0.0.1')
}

async function handle(client, event) {
  const o = event.data.object
  switch (event.type) {
    case 'checkout.session.completed': {
      const { rows } = await client.query(
        "UPDATE payments SET status = 'completed', payment_intent_id = $2, updated_at = now() WHERE session_id = $1 AND status = 'pending' RETURNING user_id, credits",
        [o.id, o.payment_intent])
      if (rows.length) await credit(client, rows[0].user_id, event.id, rows[0].credits, 'purchase')
      break
    }
    case 'payment_intent.succeeded':
      await client.query("UPDATE payments SET payment_intent_id = $2, updated_at = now() WHERE id = $1", [o.metadata.payment_id, o.id])
      break
    case 'invoice.paid': {
      const m = o.parent.subscription_details.metadata
      await client.query(
        "INSERT INTO payments (id, user_id, status, amount, currency, session_id, credits) VALUES (gen_random_uuid(), $1, 'completed', $2, $3, $4, $5) ON CONFLICT (session_id) DO NOTHING",
        [m.user_id, o.amount_paid, o.currency, o.id, m.credits])
      await credit(client, m.user_id, event.id, m.credits, 'renewal')
      break
    }
    case 'customer.subscription.updated':
      await client.query(
        `INSERT INTO subscriptions (id, user_id, status, current_period_end, event_created) VALUES ($1, $2, $3, to_timestamp($4), to_timestamp($5))
         ON CONFLICT (id) DO UPDATE SET status = EXCLUDED.status, current_period_end = EXCLUDED.current_period_end, event_created = EXCLUDED.event_created, updated_at = now()
         WHERE subscriptions.event_created <= EXCLUDED.event_created`,
        [o.id, o.metadata.user_id, o.status, o.items.data[0].current_period_end, event.created])
      break
    case 'charge.refunded': {
      const { rows } = await client.query(
        "UPDATE payments SET status = 'refunded', updated_at = now() WHERE id = $1 RETURNING user_id, credits", [o.metadata.payment_id])
      if (rows.length) await credit(client, rows[0].user_id, event.id, -rows[0].credits, 'refund')
      break
    }
  }
}

async function credit(client, user, eventId, delta, reason) {
  await client.query('INSERT INTO credit_ledger (user_id, event_id, delta, reason) VALUES ($1, $2, $3, $4)', [user, eventId, delta, reason])
  await client.query('UPDATE users SET credits = credits + $2 WHERE id = $1', [user, delta])
}
