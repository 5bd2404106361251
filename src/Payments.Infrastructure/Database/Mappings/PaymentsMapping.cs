using Microsoft.EntityFrameworkCore;
using Payments.Domain.Payments.Catalog;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Payments.Customers;
using Payments.Domain.Payments.Disputes;
using Payments.Domain.Payments.Gateway;
using Payments.Domain.Payments.Invoices;
using Payments.Domain.Payments.Orders;
using Payments.Domain.Payments.Subscriptions;
using Payments.Domain.Payments.Refunds;
using Payments.Domain.Payments.PaymentMethods;
using Payments.Domain.Payments.Webhooks;
using Payments.Domain.Shared;

namespace Payments.Infrastructure.Database.Mappings;

internal static class PaymentsMapping
{
    public const string Schema = "payments";

    private static readonly string[] InvoiceAmounts = ["subtotal", "discount", "tax", "total", "amountDue", "amountPaid"];

    public static void Apply(ModelBuilder model)
    {
        model.Entity<CreditPack>(e =>
        {
            e.ToTable("credit_packs", Schema, t => t.HasCheckConstraint("credit_packs_positive", "credits > 0 AND price_minor > 0"));
            e.HasKey(p => p.Id);
            e.Property(p => p.Id).ValueGeneratedNever();
            e.Property<long>("priceMinor").HasColumnName("price_minor");
            e.Property<string>("currency");
            e.Ignore(p => p.Terms);
        });
        model.Entity<Plan>(e =>
        {
            e.ToTable("plans", Schema, t => t.HasCheckConstraint("plans_positive", "price_minor > 0 AND interval_count > 0 AND maximum_quantity > 0 AND credits_per_period >= 0 AND trial_days >= 0"));
            e.HasKey(p => p.Id);
            e.Property(p => p.Id).ValueGeneratedNever();
            e.Property<long>("priceMinor").HasColumnName("price_minor");
            e.Property<string>("currency");
            e.Property<string>("accessType").HasColumnName("access_type");
            e.Property<string>("accessId").HasColumnName("access_id");
            e.Ignore(p => p.Price).Ignore(p => p.Access).Ignore(p => p.Terms).Ignore(p => p.PriceTerms).Ignore(p => p.Agreement);
            e.HasIndex(p => p.GatewayPriceId).IsUnique();
        });
        model.Entity<PlanPrice>(e =>
        {
            e.ToTable("plan_prices", Schema);
            e.HasKey(p => p.Id);
            e.Property(p => p.Id).ValueGeneratedNever();
            e.Property<long>("amountMinor").HasColumnName("amount_minor");
            e.Property<string>("currency");
            e.Property<string>("Type");
            e.Property<long>("CreditsPerPeriod");
            e.Property<int?>("CreditsExpireAfterDays");
            e.Property<string>("Family");
            e.Property<string>("accessType").HasColumnName("access_type");
            e.Property<string>("accessId").HasColumnName("access_id");
            e.Property<RefundPolicy>("RefundPolicy");
            e.Ignore(p => p.Terms).Ignore(p => p.Agreement);
            e.HasOne<Plan>().WithMany().HasForeignKey(p => p.PlanId).OnDelete(DeleteBehavior.Restrict);
            e.HasIndex(p => p.GatewayPriceId).IsUnique();
            e.HasIndex("PlanId", "Account", "Livemode", "amountMinor", "currency", "Interval", "IntervalCount", "Type", "CreditsPerPeriod", "CreditsExpireAfterDays", "Family", "accessType", "accessId", "RefundPolicy")
                .IsUnique().AreNullsDistinct(false).HasFilter("retired_at IS NULL")
                .HasDatabaseName("IX_plan_prices_terms");
        });
        model.Entity<Item>(e =>
        {
            e.ToTable("items", Schema, t => t.HasCheckConstraint("items_positive", "price_minor > 0 AND (refund_window_days IS NULL OR refund_window_days >= 0)"));
            e.HasKey(i => i.Id);
            e.Property(i => i.Id).ValueGeneratedNever();
            e.Property<long>("priceMinor").HasColumnName("price_minor");
            e.Property<string>("currency");
            e.Ignore(i => i.Price).Ignore(i => i.Access).Ignore(i => i.Terms);
        });
        model.Entity<Product>(e =>
        {
            e.ToTable("products", Schema, t => t.HasCheckConstraint("products_positive", "price_minor > 0"));
            e.HasKey(p => p.Id);
            e.Property(p => p.Id).ValueGeneratedNever();
            e.Property<long>("priceMinor").HasColumnName("price_minor");
            e.Property<string>("currency");
            e.Ignore(p => p.Price).Ignore(p => p.Terms);
        });
        model.Entity<Stock>(e =>
        {
            // Whatever else goes wrong, more than there is cannot be sold.
            e.ToTable("stock", Schema, t => t.HasCheckConstraint("stock_not_negative", "available >= 0 AND reserved >= 0 AND sold >= 0"));
            e.HasKey(s => s.ProductId);
            e.Property(s => s.ProductId).ValueGeneratedNever();
            e.HasOne<Product>().WithOne().HasForeignKey<Stock>(s => s.ProductId).OnDelete(DeleteBehavior.Restrict);
        });
        model.Entity<Order>(e =>
        {
            e.ToTable("orders", Schema, t => t.HasCheckConstraint("orders_positive", "total_minor > 0"));
            e.HasKey(o => o.Id);
            e.Property(o => o.Id).ValueGeneratedNever();
            e.Property<long>("totalMinor").HasColumnName("total_minor");
            e.Property<string>("currency");
            e.Ignore(o => o.Total).Ignore(o => o.Description);
            e.HasMany(o => o.Lines).WithOne().HasForeignKey(l => l.OrderId);
            e.HasIndex(o => new { o.UserId, o.CreatedAt, o.Id }).IsDescending(false, true, true);
            e.HasIndex(o => new { o.UserId, o.RequestKey }).IsUnique().HasFilter("request_key IS NOT NULL");
            e.HasIndex(o => o.DueAt).HasFilter("due_at IS NOT NULL");
        });
        model.Entity<OrderLine>(e =>
        {
            e.ToTable("order_lines", Schema, t => t.HasCheckConstraint("order_lines_in_bounds", "price_minor > 0 AND quantity > 0 AND restocked BETWEEN 0 AND quantity"));
            e.HasKey(l => new { l.OrderId, l.Number });
            e.Property<long>("priceMinor").HasColumnName("price_minor");
            e.Property<string>("currency");
            e.Ignore(l => l.Price);
            e.HasOne<Product>().WithMany().HasForeignKey(l => l.ProductId).OnDelete(DeleteBehavior.Restrict);
        });
        model.Entity<Customer>(e =>
        {
            e.ToTable("customers", Schema);
            e.HasKey(c => c.Id);
            e.Property(c => c.Id).ValueGeneratedNever();
            e.HasIndex(c => new { c.UserId, c.Account, c.Livemode }).IsUnique().HasFilter("deleted_at IS NULL");
            e.HasIndex(c => c.GatewayId).IsUnique();
            e.HasIndex(c => c.SyncDueAt).HasFilter("sync_due_at IS NOT NULL");
            e.Property(c => c.CardsVersion).HasDefaultValue(0L);
        });
        model.Entity<PaymentMethod>(e =>
        {
            // Four digits at most: the table cannot hold a card number.
            e.ToTable("payment_methods", Schema, t => t.HasCheckConstraint("payment_methods_card", "exp_month BETWEEN 1 AND 12 AND length(last4) <= 4"));
            e.HasKey(m => m.Id);
            e.Property(m => m.Id).ValueGeneratedNever();
            e.HasOne<Customer>().WithMany().HasForeignKey(m => m.CustomerId);
            e.HasIndex(m => m.UserId);
            e.HasIndex(m => m.Fingerprint).HasFilter("fingerprint IS NOT NULL");
            e.HasIndex(m => m.NoticeDueAt).HasFilter("notice_due_at IS NOT NULL");
            e.Ignore(m => m.Card);
        });
        model.Entity<GatewayRequest>(e =>
        {
            e.ToTable("gateway_requests", Schema);
            e.HasKey(r => r.SubjectId);
            e.Property(r => r.SubjectId).ValueGeneratedNever();
            e.Ignore(r => r.IdempotencyKey);
        });
        model.Entity<Payment>(e =>
        {
            // What goes back can be known before what came in: then the bound is checked when that is known.
            e.ToTable("payments", Schema, t => t.HasCheckConstraint(
                "payments_refunded_in_bounds",
                "refunded_minor >= 0 AND refunds_requested_minor >= 0 AND disputed_minor >= 0 AND lost_minor >= 0 AND (completed_at IS NULL OR refunded_minor <= coalesce(total_minor, amount_minor))"));
            e.HasKey(p => p.Id);
            e.Property(p => p.Id).ValueGeneratedNever();
            e.Property<long>("amountMinor").HasColumnName("amount_minor");
            e.Property<long>("unitPriceMinor").HasColumnName("unit_price_minor");
            e.Property<string>("currency");
            e.Property<long>("discountMinor").HasColumnName("discount_minor");
            e.Property<long>("taxMinor").HasColumnName("tax_minor");
            e.Property<long?>("totalMinor").HasColumnName("total_minor");
            e.Property<long>("RefundedMinor").HasColumnName("refunded_minor");
            e.Property<long>("RefundsRequestedMinor").HasColumnName("refunds_requested_minor");
            e.Property<long>("DisputedMinor").HasColumnName("disputed_minor");
            e.Property<long>("LostMinor").HasColumnName("lost_minor");
            e.Property<long?>("mismatchMinor").HasColumnName("mismatch_minor");
            e.Property<long?>("mismatchTotalMinor").HasColumnName("mismatch_total_minor");
            e.Property<string?>("mismatchCurrency").HasColumnName("mismatch_currency");
            e.Property<string?>("MismatchIntentId").HasColumnName("mismatch_intent_id");
            e.Property<MismatchDecision?>("MismatchDecision").HasColumnName("mismatch_decision");
            e.Ignore(p => p.Mismatch).Ignore(p => p.AwaitsDecision);
            e.HasIndex("CreatedAt", "Id").HasFilter("mismatch_minor IS NOT NULL AND mismatch_decision IS NULL").HasDatabaseName("IX_payments_awaiting_decision");
            e.Property(p => p.IntentId).HasColumnName("payment_intent_id");
            e.Property(p => p.Version).HasColumnName("xmin").HasColumnType("xid").IsRowVersion();
            // Columns that only the database fills.
            e.Property<string>("gateway").HasDefaultValue("stripe");
            e.Property<string>("metadata").HasColumnType("jsonb").HasDefaultValueSql("'{}'");
            e.Ignore(p => p.Amount).Ignore(p => p.UnitPrice).Ignore(p => p.Total).Ignore(p => p.Discount).Ignore(p => p.Tax).Ignore(p => p.Refunded);
            e.Ignore(p => p.RefundsRequested).Ignore(p => p.Disputed).Ignore(p => p.Lost).Ignore(p => p.Paid).Ignore(p => p.Reversed).Ignore(p => p.Refundable);
            e.HasIndex(p => new { p.UserId, p.CreatedAt, p.Id }).IsDescending(false, true, true);
            e.Property<DateTimeOffset?>("ChargeAskedAt").HasColumnName("charge_asked_at");
            e.HasIndex(p => new { p.UserId, p.Flow, p.RequestKey }).IsUnique().HasFilter("request_key IS NOT NULL");
            e.HasIndex(p => p.SessionId).IsUnique();
            e.HasIndex(p => p.IntentId).IsUnique();
            e.HasIndex(p => p.ChargeId).IsUnique();
            e.HasIndex(p => p.InvoiceId).IsUnique();
            e.Ignore(p => p.Access).Ignore(p => p.AccessState).Ignore(p => p.RefundableUntil);
            e.HasIndex(p => new { p.UserId, p.ItemId }).HasFilter("item_id IS NOT NULL");
            e.HasIndex(p => p.OrderId).HasFilter("order_id IS NOT NULL");
            e.HasIndex(p => p.SubscriptionId).HasFilter("subscription_id IS NOT NULL");
            e.HasIndex(p => p.NextCheckAt).HasFilter("next_check_at IS NOT NULL");
        });
        model.Entity<Subscription>(e =>
        {
            e.ToTable("subscriptions", Schema);
            e.HasKey(s => s.Id);
            e.Property(s => s.Id).ValueGeneratedNever();
            e.Property(s => s.Version).HasColumnName("xmin").HasColumnType("xid").IsRowVersion();
            e.Property(s => s.GivenUp).HasDefaultValue(false);
            e.Property(s => s.IsPlaced).HasDefaultValue(false);
            e.Property<List<PriceSighting>>("prices").HasColumnType("jsonb").HasDefaultValueSql("'[]'").HasConversion(new JsonList<PriceSighting>(), JsonList<PriceSighting>.Comparer);
            e.Ignore(s => s.Prices);
            e.HasIndex(s => s.GatewayId).IsUnique();
            e.HasIndex(s => s.UserId);
            e.HasIndex(s => s.CardFingerprint).HasFilter("card_fingerprint IS NOT NULL AND trial_start IS NOT NULL");
            e.HasIndex(s => s.NextActionAt).HasFilter("next_action_at IS NOT NULL");
            e.HasIndex(s => s.NextNoticeAt).HasFilter("next_notice_at IS NOT NULL");
        });
        model.Entity<Invoice>(e =>
        {
            e.ToTable("invoices", Schema);
            e.HasKey(i => i.Id);
            e.Property(i => i.Id).ValueGeneratedNever();
            e.Property<string>("currency");
            foreach (var amount in InvoiceAmounts)
            {
                e.Property<long>($"{amount}Minor");
            }

            e.Property<List<InvoiceLine>>("lines").HasColumnType("jsonb").HasConversion(new JsonList<InvoiceLine>(), JsonList<InvoiceLine>.Comparer);
            e.Property<List<InvoiceTaxId>>("taxIds").HasColumnType("jsonb").HasConversion(new JsonList<InvoiceTaxId>(), JsonList<InvoiceTaxId>.Comparer);
            e.Property<List<InvoiceTax>>("taxes").HasColumnType("jsonb").HasConversion(new JsonList<InvoiceTax>(), JsonList<InvoiceTax>.Comparer);
            e.Ignore(i => i.Subtotal).Ignore(i => i.Discount).Ignore(i => i.Tax).Ignore(i => i.Total).Ignore(i => i.AmountDue).Ignore(i => i.AmountPaid);
            e.Ignore(i => i.Lines).Ignore(i => i.Taxes).Ignore(i => i.TaxIds).Ignore(i => i.Period);
            e.HasIndex(i => i.GatewayId).IsUnique();
            e.HasIndex(i => i.SubscriptionId);
            e.HasIndex(i => i.Number).HasFilter("number IS NOT NULL");
            e.HasIndex(i => new { i.UserId, i.CreatedAt, i.Id }).IsDescending(false, true, true);
        });
        model.Entity<TaxRate>(e =>
        {
            e.ToTable("tax_rates", Schema);
            e.HasKey(r => r.GatewayId);
            e.Property(r => r.Percentage).HasColumnType("numeric");
        });
        model.Entity<PaymentAttempt>(e =>
        {
            e.ToTable("payment_attempts", Schema);
            e.HasKey(a => new { a.PaymentId, a.Key });
            e.Property<long>("amountMinor").HasColumnName("amount_minor");
            e.Property<string>("currency");
            e.Ignore(a => a.Amount);
            e.HasOne<Payment>().WithMany().HasForeignKey(a => a.PaymentId);
        });
        model.Entity<Refund>(e =>
        {
            e.ToTable("refunds", Schema, t => t.HasCheckConstraint("refunds_positive", "amount_minor > 0"));
            e.HasKey(r => r.Id);
            e.Property(r => r.Id).ValueGeneratedNever();
            e.Property<long>("amountMinor").HasColumnName("amount_minor");
            e.Property<string>("currency");
            e.Ignore(r => r.Amount);
            e.HasOne<Payment>().WithMany().HasForeignKey(r => r.PaymentId);
            e.HasIndex(r => r.GatewayId).IsUnique();
            e.HasIndex(r => r.EffectKey).IsUnique();
            e.HasIndex(r => r.DueAt).HasFilter("due_at IS NOT NULL");
            e.HasIndex(r => new { r.RequestedBy, r.CreatedAt }).HasFilter("is_limited");
        });
        model.Entity<Dispute>(e =>
        {
            e.ToTable("disputes", Schema);
            e.HasKey(d => d.Id);
            e.Property(d => d.Id).ValueGeneratedNever();
            e.Property<long>("amountMinor").HasColumnName("amount_minor");
            e.Property<long>("feeMinor").HasColumnName("fee_minor");
            e.Property<string>("currency");
            e.Property<string>("feeCurrency").HasColumnName("fee_currency");
            e.Ignore(d => d.Amount).Ignore(d => d.Fee);
            e.HasOne<Payment>().WithMany().HasForeignKey(d => d.PaymentId);
            e.HasIndex(d => d.GatewayId).IsUnique();
            e.HasIndex(d => new { d.CreatedAt, d.Id }).IsDescending();
            e.HasIndex(d => d.DueAt).HasFilter("due_at IS NOT NULL");
        });
        model.Entity<WebhookEvent>(e =>
        {
            e.ToTable("webhook_events", Schema);
            e.Property(w => w.Gateway).HasDefaultValue("stripe");
            e.Property(w => w.Status).HasDefaultValue(WebhookEventStatus.Pending).HasSentinel((WebhookEventStatus)(-1));
            e.Property(w => w.Attempts).HasDefaultValue(0);
            e.HasKey(w => new { w.Gateway, w.Id, w.Created });
            e.HasIndex(w => w.NextAttemptAt).HasFilter("status = 'pending'");
            e.HasIndex(w => new { w.ReceivedAt, w.Id }).IsDescending();
            e.HasIndex(w => w.PaymentId).HasFilter("payment_id IS NOT NULL");
        });
        model.Entity<OutboxMessage>(e =>
        {
            e.ToTable("outbox", Schema);
            e.HasKey(o => o.Id);
            e.Property(o => o.Id).ValueGeneratedNever();
            e.Property(o => o.Data).HasColumnType("jsonb");
            e.HasIndex(o => o.NextAttemptAt).HasFilter("next_attempt_at IS NOT NULL");
            e.HasIndex(o => o.CreatedAt);
        });
    }
}
