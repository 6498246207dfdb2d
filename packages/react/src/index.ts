/** Empty for now, and private: the token provider and its hooks for React are still to come. */
export {}
