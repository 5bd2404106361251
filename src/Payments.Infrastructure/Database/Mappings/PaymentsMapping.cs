using Microsoft.EntityFrameworkCore;
using Payments.Domain.Payments.Catalog;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Payments.Customers;
using Payments.Domain.Payments.Gateway;
using Payments.Domain.Payments.PaymentMethods;
using Payments.Domain.Payments.Webhooks;
using Payments.Domain.Shared;

namespace Payments.Infrastructure.Database.Mappings;

internal static class PaymentsMapping
{
    public const string Schema = "payments";

    public static void Apply(ModelBuilder model)
    {
        model.Entity<CreditPack>(e =>
        {
            e.ToTable("credit_packs", Schema, t => t.HasCheckConstraint("credit_packs_positive", "credits > 0 AND price_minor > 0"));
            e.HasKey(p => p.Id);
            e.Property(p => p.Id).ValueGeneratedNever();
            e.Property<long>("priceMinor").HasColumnName("price_minor");
            e.Property<string>("currency");
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
            e.ToTable("payments", Schema, t => t.HasCheckConstraint("payments_refunded_in_bounds", "refunded_minor >= 0 AND refunded_minor <= coalesce(total_minor, amount_minor)"));
            e.HasKey(p => p.Id);
            e.Property(p => p.Id).ValueGeneratedNever();
            e.Property<long>("amountMinor").HasColumnName("amount_minor");
            e.Property<long>("unitPriceMinor").HasColumnName("unit_price_minor");
            e.Property<string>("currency");
            e.Property<long>("discountMinor").HasColumnName("discount_minor");
            e.Property<long>("taxMinor").HasColumnName("tax_minor");
            e.Property<long?>("totalMinor").HasColumnName("total_minor");
            e.Property<long>("RefundedMinor").HasColumnName("refunded_minor");
            e.Property(p => p.IntentId).HasColumnName("payment_intent_id");
            e.Property(p => p.Version).HasColumnName("xmin").HasColumnType("xid").IsRowVersion();
            // Columns that only the database fills.
            e.Property<string>("gateway").HasDefaultValue("stripe");
            e.Property<string>("metadata").HasColumnType("jsonb").HasDefaultValueSql("'{}'");
            e.Ignore(p => p.Amount).Ignore(p => p.UnitPrice).Ignore(p => p.Total).Ignore(p => p.Discount).Ignore(p => p.Tax).Ignore(p => p.Refunded);
            e.HasIndex(p => new { p.UserId, p.CreatedAt, p.Id }).IsDescending(false, true, true);
            e.HasIndex(p => p.SessionId).IsUnique();
            e.HasIndex(p => p.IntentId).IsUnique();
            e.HasIndex(p => p.ChargeId).IsUnique();
            e.HasIndex(p => p.NextCheckAt).HasFilter("next_check_at IS NOT NULL");
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
