using Microsoft.EntityFrameworkCore;
using Payments.Domain.Users;
using Payments.Domain.Users.Credits;
using Payments.Domain.Users.Entitlements;

namespace Payments.Infrastructure.Database.Mappings;

internal static class UsersMapping
{
    private const string Schema = "users";

    public static void Apply(ModelBuilder model)
    {
        model.Entity<User>(e =>
        {
            e.ToTable("users", Schema, t =>
            {
                t.HasCheckConstraint("users_credits_not_negative", "credits >= 0");
                t.HasCheckConstraint("users_held_not_negative", "held >= 0");
                t.HasCheckConstraint("users_debt_not_negative", "debt >= 0");
            });
            e.HasKey(u => u.Id);
            e.Property(u => u.Id).ValueGeneratedNever();
            e.HasIndex(u => u.Email);
        });
        model.Entity<AccessGrant>(e =>
        {
            e.ToTable("access_grants", Schema);
            e.HasKey(g => new { g.UserId, g.Source });
            e.Ignore(g => g.Resource).Ignore(g => g.Reason);
            e.HasOne<User>().WithMany().HasForeignKey(g => g.UserId);
        });
        model.Entity<AccessChange>(e =>
        {
            e.ToTable("access_changes", Schema);
            e.HasKey(c => c.Id);
            e.Property(c => c.Id).ValueGeneratedNever();
            e.HasOne<User>().WithMany().HasForeignKey(c => c.UserId);
            e.HasIndex(c => new { c.UserId, c.At, c.Id }).IsDescending(false, true, true);
        });
        model.Entity<CreditLot>(e =>
        {
            e.ToTable("credit_lots", Schema, t =>
            {
                t.HasCheckConstraint("credit_lots_remaining_in_bounds", "remaining >= 0 AND remaining <= granted");
                t.HasCheckConstraint(
                    "credit_lots_parts_in_bounds",
                    "least(frozen, freeze_target, expired, taken_back, expired_taken_back, owed, forgiven, paid_debt) >= 0 "
                    + "AND remaining + frozen + expired + taken_back + expired_taken_back + paid_debt <= granted AND taken_back + expired_taken_back + owed + forgiven <= granted");
            });
            e.Ignore(l => l.Returned);
            e.HasKey(l => l.Id);
            e.Property(l => l.Id).ValueGeneratedNever();
            e.HasOne<User>().WithMany().HasForeignKey(l => l.UserId);
            e.HasIndex(l => new { l.UserId, l.ExpiresAt, l.CreatedAt }).HasFilter("remaining > 0");
            e.HasIndex(l => l.ExpiresAt).HasFilter("remaining > 0 AND expires_at IS NOT NULL");
            e.HasIndex(l => l.PaymentId);
            e.HasIndex(l => l.UserId).HasFilter("paid_debt > 0").HasDatabaseName("IX_credit_lots_paid_debt");
        });
        model.Entity<CreditTransaction>(e =>
        {
            e.ToTable("credit_transactions", Schema);
            e.HasKey(t => t.Id);
            e.Property(t => t.Id).ValueGeneratedNever();
            e.HasIndex(t => t.Key).IsUnique();
            e.HasIndex(t => new { t.UserId, t.At, t.Id }).IsDescending(false, true, true);
        });
        model.Entity<CreditPosting>(e =>
        {
            e.ToTable("credit_postings", Schema, t => t.HasCheckConstraint("credit_postings_not_zero", "credits <> 0"));
            e.HasKey(p => new { p.TransactionId, p.Line });
            e.HasOne<CreditTransaction>().WithMany().HasForeignKey(p => p.TransactionId);
        });
        model.Entity<CreditHold>(e =>
        {
            e.ToTable("credit_holds", Schema);
            e.HasKey(h => h.Id);
            e.Property(h => h.Id).ValueGeneratedNever();
            e.HasOne<User>().WithMany().HasForeignKey(h => h.UserId);
            e.HasIndex(h => new { h.UserId, h.Reason, h.Reference }).IsUnique().HasFilter("status IN ('open', 'captured')");
            e.HasIndex(h => h.ExpiresAt).HasFilter("status = 'open'");
            e.HasMany(h => h.Parts).WithOne().HasForeignKey(p => p.HoldId);
            e.Navigation(h => h.Parts).UsePropertyAccessMode(PropertyAccessMode.Field);
        });
        model.Entity<CreditHoldPart>(e =>
        {
            e.ToTable("credit_hold_parts", Schema);
            e.HasKey(p => new { p.HoldId, p.Line });
            e.HasOne<CreditLot>().WithMany().HasForeignKey(p => p.LotId);
        });
    }
}
