namespace Payments.Application.Shared;

/// <summary>Writes down what staff asked for and may not do, before any use case was reached.</summary>
public interface IRefusalLog
{
    /// <param name="call">Method and path.</param>
    Task WriteAsync(Actor actor, string call, CancellationToken cancellationToken);
}
