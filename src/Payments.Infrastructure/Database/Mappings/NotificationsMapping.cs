using Microsoft.EntityFrameworkCore;
using Payments.Domain.Notifications;

namespace Payments.Infrastructure.Database.Mappings;

internal static class NotificationsMapping
{
    private const string Schema = "notifications";

    public static void Apply(ModelBuilder model)
    {
        model.Entity<Notification>(e =>
        {
            e.ToTable("notifications", Schema);
            e.HasKey(n => n.Id);
            e.Property(n => n.Id).ValueGeneratedNever();
            e.Property(n => n.Data).HasColumnType("jsonb");
            e.HasIndex(n => n.EffectKey).IsUnique();
            e.HasIndex(n => new { n.UserId, n.CreatedAt, n.Id }).IsDescending(false, true, true);
            e.HasIndex(n => n.NextAttemptAt).HasFilter("next_attempt_at IS NOT NULL");
        });
        model.Entity<NoticePreference>(e =>
        {
            e.ToTable("preferences", Schema);
            e.HasKey(p => new { p.UserId, p.Type });
        });
    }
}
