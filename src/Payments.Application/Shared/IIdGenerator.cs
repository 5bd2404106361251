namespace Payments.Application.Shared;

/// <summary>New ids, handed in so that handlers stay free of randomness. Version 7 UUIDs: rows of one time lie together on disk.</summary>
public interface IIdGenerator
{
    Guid Next();
}
