using Payments.Application.Shared;
using Payments.Domain.Notifications;

namespace Payments.Application.Notifications;

/// <summary>The notifications module's face of the database.</summary>
public interface INotificationsDb : IUnitOfWork
{
    /// <summary>Adds those whose fact has no notification yet; the others are there already.</summary>
    Task AddMissingAsync(IReadOnlyList<Notification> notifications, CancellationToken cancellationToken);
}
